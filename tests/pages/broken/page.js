// The buttons by which mdBook's pages change their theme.
addEventListener('DOMContentLoaded', () => {
    for (const theme of ['light', 'navy', 'coal']) {
        const button = document.createElement('button');
        button.id = `mdbook-theme-${theme}`;
        button.textContent = theme;
        button.style.cssText = 'color: #000; background: #fff';
        button.addEventListener('click', () => { document.documentElement.className = theme; });
        document.body.append(button);
    }
});
