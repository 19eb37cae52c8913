import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { applyTheme } from "./settings/theme.ts";
import "./styles.css";
import { applyLanguage } from "./text/language.ts";

applyTheme();
applyLanguage();
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
