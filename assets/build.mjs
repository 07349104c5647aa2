// Builds the browser's assets into static/built/: run by `npm run build`.

import { spawnSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { buildSync } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, "static", "built");
mkdirSync(built, { recursive: true });

// Minified, LiveKit's client is half the size, and phones on mobile data pay for every byte.
buildSync({
  entryPoints: [join(root, "node_modules/livekit-client/dist/livekit-client.esm.mjs")],
  outfile: join(built, "livekit-client.mjs"),
  bundle: true,
  format: "esm",
  target: "es2020",
  minify: true,
  legalComments: "eof",
});
// So that `npm run types` and editors know what the bundle exports.
writeFileSync(join(built, "livekit-client.d.mts"), 'export * from "livekit-client";\n');

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("@tailwindcss/cli/package.json")), "dist/index.mjs");
const styles = ["--input", join(root, "static/src/visitor.css"), "--output", join(built, "visitor.css"), "--minify"];
const { status } = spawnSync(process.execPath, [cli, ...styles], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
if (status !== 0) process.exit(status ?? 1);

for (const name of ["livekit-client.mjs", "visitor.css"]) {
  console.log(`static/built/${name} ${Math.round(statSync(join(built, name)).size / 1024)} kB`);
}
