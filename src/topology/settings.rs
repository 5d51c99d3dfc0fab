//! The table below `Given the ... topology with` (being written).
