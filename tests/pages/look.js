// What is asked in a page. Everything answers with plain values; what they mean is decided in rules.rs.
(() => {
    const shown = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const words = text => text.replace(/\s+/g, ' ').trim();
    const content = () => document.querySelector('main') || document.body;

    // How a person finds an element: what it is, and what stands in it or above it.
    const name = element => {
        const kind = element.localName + (element.id ? '#' + element.id : [...element.classList].slice(0, 2).map(c => '.' + c).join(''));
        const text = words(element.textContent).slice(0, 40);
        const card = element.closest('[id]');
        return kind + (text ? ` "${text}"` : '') + (card && card !== element ? ` in #${card.id}` : '');
    };

    const unfold = () => document.querySelectorAll('details').forEach(fold => { fold.open = true; });

    // --- colours

    // [red, green, blue, alpha] in 0..255 and 0..1; null if it is written in a way that is not known here.
    const colour = text => {
        const numbers = (text.match(/-?[\d.]+%?/g) || []).map(part => part.endsWith('%') ? parseFloat(part) / 100 : parseFloat(part));
        if (text === 'transparent') return [0, 0, 0, 0];
        if (/^rgba?\(/.test(text)) return [...numbers.slice(0, 3), numbers[3] ?? 1];
        if (/^color\(srgb /.test(text)) return [...numbers.slice(0, 3).map(part => part * 255), numbers[3] ?? 1];
        return null;
    };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const luminance = rgb => {
        const [r, g, b] = rgb.slice(0, 3).map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (a, b) => {
        const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
        return (light + 0.05) / (dark + 0.05);
    };

    // What an element's text is painted on: the backgrounds of those it lies in, down to the first that hides what is below.
    const ground = (element, known) => {
        if (known.has(element)) return known.get(element);
        const below = element.parentElement ? ground(element.parentElement, known) : [255, 255, 255, 1];
        const own = colour(getComputedStyle(element).backgroundColor);
        const painted = below && own && over(own, below);
        known.set(element, painted);
        return painted;
    };

    // In a drawing it is the last shape before the text that reaches below its middle, or the outline that was painted around its letters.
    const groundInDrawing = (element, drawing, known) => {
        const style = getComputedStyle(element);
        const below = ground(drawing.parentElement, known);
        if (style.stroke !== 'none' && style.paintOrder.startsWith('stroke') && parseFloat(style.strokeWidth) >= 2) return colour(style.stroke);
        if (!known.has(drawing)) known.set(drawing, shapes(drawing));
        const box = element.getBoundingClientRect();
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        return known.get(drawing).reduce((below, { shape, around, fill }) => {
            const covers = around.left <= x && x <= around.right && around.top <= y && y <= around.bottom
                && (shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
            return covers ? below && fill && over(fill, below) : below;
        }, below);
    };
    const shapes = drawing => [...drawing.querySelectorAll('rect, circle, ellipse')].filter(shape => !shape.closest('defs, pattern, marker, clipPath')).map(shape => {
        const { fill, fillOpacity, opacity } = getComputedStyle(shape);
        const paint = fill === 'none' || fill.startsWith('url(') ? [0, 0, 0, 0] : colour(fill);
        return { shape, around: shape.getBoundingClientRect(), fill: paint && [...paint.slice(0, 3), paint[3] * parseFloat(fillOpacity) * parseFloat(opacity)] };
    });

    // How much of an element is painted, with what it lies in.
    const solid = (element, known) => {
        if (!known.has(element)) known.set(element, parseFloat(getComputedStyle(element).opacity) * (element.parentElement ? solid(element.parentElement, known) : 1));
        return known.get(element);
    };

    // Every kind of text that is hard to read, once, with its worst ratio.
    const contrast = () => {
        const [known, opacities] = [new Map(), new Map()];
        const worst = new Map();
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const looked = new Set();
        while (texts.nextNode()) {
            const element = texts.currentNode.parentElement;
            if (!texts.currentNode.data.trim() || looked.has(element)) continue;
            looked.add(element);
            if (element.closest('script, style, noscript, title, desc, template') || !shown(element)) continue;
            const box = element.getBoundingClientRect();
            if (box.width < 2 || box.height < 2) continue;
            const style = getComputedStyle(element);
            const drawing = element.closest('svg');
            const ink = colour(drawing ? style.fill : style.color);
            const paper = drawing ? groundInDrawing(element, drawing, known) : ground(element, known);
            const size = parseFloat(style.fontSize);
            const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
            const seen = ink && paper ? ratio(over([...ink.slice(0, 3), ink[3] * solid(element, opacities)], paper), paper) : 0;
            const wanted = large ? 3 : 4.5;
            if (seen >= wanted) continue;
            const kind = element.localName + '.' + (element.getAttribute('class') || '') + '|' + style.color + '|' + style.fill + '|' + paper;
            if (!worst.has(kind) || worst.get(kind).seen > seen) {
                const colours = `${drawing ? style.fill : style.color} on ${paper ? 'rgb(' + paper.slice(0, 3).map(Math.round).join(', ') + ')' : 'a colour not understood'}`;
                worst.set(kind, { element: name(element), seen: Math.round(seen * 100) / 100, wanted, colours });
            }
        }
        return [...worst.values()];
    };

    // --- width

    // What is wider than the window although nothing around it scrolls or cuts it.
    const wide = () => {
        const limit = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= limit) return [];
        const held = element => {
            for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
                if (getComputedStyle(up).overflowX !== 'visible') return true;
            }
            return false;
        };
        const out = [...document.body.querySelectorAll('*')].filter(element => {
            const box = element.getBoundingClientRect();
            return box.width > 0 && box.right > limit + 1 && shown(element) && !held(element);
        });
        // The innermost ones are the reason.
        const reasons = out.filter(element => !out.some(other => other !== element && element.contains(other)));
        const all = reasons.map(element => ({ element: name(element), right: Math.round(element.getBoundingClientRect().right) }));
        return all.length ? all : [{ element: 'html', right: document.documentElement.scrollWidth }];
    };

    // --- fold-outs

    const summaries = () => [...document.querySelectorAll('details > summary:first-of-type')];
    const kind = summary => summary.parentElement.className || 'details';
    const tabbable = () => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex], iframe')].filter(
        element => element.tabIndex >= 0 && !element.disabled && shown(element) && element.getClientRects().length);

    // Numbers of the first fold-out of every kind that can be reached, and those that no key reaches.
    const folds = () => {
        const firsts = new Map();
        const closed = [];
        document.querySelectorAll('details').forEach(fold => {
            const summary = fold.querySelector(':scope > summary');
            if (!summary || summary.tabIndex < 0 || !words(summary.textContent)) closed.push(name(fold));
        });
        summaries().forEach((summary, number) => { if (shown(summary) && !firsts.has(kind(summary))) firsts.set(kind(summary), number); });
        return { firsts: [...firsts.values()], closed };
    };
    // Puts the focus on what comes right before the fold-out's summary, so that one Tab has to lead there.
    const before = number => {
        const summary = summaries()[number];
        const all = tabbable();
        const previous = all[all.indexOf(summary) - 1];
        if (previous) return previous.focus();
        // Nothing comes before it but the page itself.
        document.body.tabIndex = -1;
        document.body.focus();
        document.body.removeAttribute('tabindex');
    };
    const fold = number => {
        const summary = summaries()[number];
        const style = getComputedStyle(summary);
        const marked = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
        return { element: name(summary), focused: document.activeElement === summary, marked, open: summary.parentElement.open };
    };

    // --- scenarios

    // The heading above it; prose may stand between.
    const title = card => {
        for (let above = card.previousElementSibling; above; above = above.previousElementSibling) {
            if (/^h[1-6]$/.test(above.localName)) return words(above.textContent);
        }
        return '';
    };
    const cards = () => [...document.querySelectorAll('.rh-card')].map(card => ({
        name: title(card) || card.id,
        badge: words(card.querySelector('.rh-badge')?.textContent || ''),
        judged: ['rh-passed', 'rh-failed', 'rh-unknown', 'rh-notapplicable'].some(verdict => card.classList.contains(verdict)),
    }));

    // --- calculators

    // Every worked row typed into its form, as the numbers it was worked out from, beside what the form answers then.
    const calculators = () => [...document.querySelectorAll('[data-rh-sizing]')].map(block => {
        const form = block.querySelector('form');
        const fields = form ? [...form.querySelectorAll('input')] : [];
        const rows = [...block.querySelectorAll('tr[data-rh-in]')].map(row => {
            const inputs = JSON.parse(row.dataset.rhIn);
            fields.forEach((field, i) => {
                field.value = inputs[i];
                field.dispatchEvent(new Event('input', { bubbles: true }));
            });
            const answered = form ? [...form.querySelectorAll('dd')].map(place => words(place.textContent)) : [];
            return { inputs: row.dataset.rhIn, expected: [...row.cells].slice(inputs.length).map(cell => words(cell.textContent)), answered };
        });
        return { name: block.dataset.rhSizing, usable: Boolean(form) && shown(form), rows };
    });

    // What is there for scripts alone is not missed without them.
    const text = () => {
        const forms = [...document.forms];
        forms.forEach(form => { form.style.display = 'none'; });
        const all = words(content().innerText);
        forms.forEach(form => { form.style.display = ''; });
        return all;
    };

    window.rh = {
        calculators, text, contrast, wide, folds, before, fold, cards, unfold,
        shifts: () => (window.rhShifts || []),
        headings: () => [...document.querySelectorAll('h1')].filter(h => !h.classList.contains('menu-title')).map(h => words(h.textContent)),
        theme: theme => {
            const button = document.querySelector(`#mdbook-theme-${theme}`);
            if (button) button.click();
            return document.documentElement.classList.contains(theme);
        },
        // A sheet that is made, not written into the page: the page's policy lets nobody write styles.
        still: () => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync('*, ::before, ::after { transition: none !important; animation: none !important }');
            document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        },
    };
})();
