//! What many runs come to: median, tenth and ninetieth percentile, smallest, largest.

use serde::{Deserialize, Serialize};

/// The spread of some values. Which of them is no outlier is for the reader to say: all are kept beside it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub count: usize,
    pub min: f64,
    pub p10: f64,
    pub median: f64,
    pub p90: f64,
    pub max: f64,
}

impl Summary {
    /// Of any values, in any order; none of none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Summary> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let at = |part: f64| quantile(&sorted, part);
        Some(Summary { count: sorted.len(), min, p10: at(0.1), median: at(0.5), p90: at(0.9), max })
    }
}

/// Between the two nearest values in proportion, as spreadsheets and NumPy do. With fewer than ten values p10 and p90 lie within a step of the smallest and the largest.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_some_values() {
        let eleven = Summary::of((0..=10).rev().map(f64::from)).unwrap();
        assert_eq!(eleven, Summary { count: 11, min: 0.0, p10: 1.0, median: 5.0, p90: 9.0, max: 10.0 });
        let two = Summary::of([1.0, 2.0]).unwrap();
        assert_eq!((two.p10, two.median, two.p90), (1.1, 1.5, 1.9));
        let one = Summary::of([7.0]).unwrap();
        assert_eq!((one.min, one.p10, one.median, one.max), (7.0, 7.0, 7.0, 7.0));
        assert_eq!(Summary::of([]), None);
    }
}
