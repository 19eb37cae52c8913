// The same key and values as src/settings/theme.ts.
try {
  const theme = JSON.parse(localStorage.getItem("satsuma.theme") ?? '"system"');
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme is used.
}
