import { defineConfig } from "vite";

// Everything the page needs comes from its own origin. The map's worker is a module of its own,
// and the base map beside the output is not ours to empty: dashboards/build.py sees to it.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../static",
    emptyOutDir: false,
    target: "es2022",
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { input: ["index.html", "shipments.html"] },
  },
  worker: { format: "es" },
});
