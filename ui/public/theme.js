// Runs before the first paint, so that a chosen theme never flashes the other one. The key is src/app/theme.ts's.
try {
  var theme = localStorage.getItem('penstock.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch (blocked) {
  // Storage may be switched off; the page then follows the system.
}
