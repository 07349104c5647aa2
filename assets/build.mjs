// Builds the browser's assets into static/built/: run by `npm run build`.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { buildSync } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, "static", "built");
mkdirSync(built, { recursive: true });

// One file a page, and what only a call needs in another: on a slow phone every request costs half a second.
const scripts = join(built, "calls");
rmSync(scripts, { recursive: true, force: true });
const made = ["visitor", "paused", "embed"].flatMap((page) => {
  const { metafile } = buildSync({
    entryPoints: [join(root, "static", "calls", `${page}.js`)],
    outdir: scripts,
    bundle: true,
    splitting: true,
    chunkNames: "part-[hash]",
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "eof",
    metafile: true,
  });
  return Object.keys(metafile.outputs).filter((name) => name.endsWith(".js"));
});

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("@tailwindcss/cli/package.json")), "dist/index.mjs");
const styles = ["--input", join(root, "static/src/visitor.css"), "--output", join(built, "visitor.css"), "--minify"];
const { status } = spawnSync(process.execPath, [cli, ...styles], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
if (status !== 0) process.exit(status ?? 1);

// whitenoise serves the file beside it to browsers that take gzip. The image packs its own.
for (const path of new Set([...made.map((name) => join(root, name)), join(built, "visitor.css")])) {
  const packed = gzipSync(readFileSync(path), { level: 9 });
  writeFileSync(`${path}.gz`, packed);
  console.log(`${relative(root, path)} ${Math.round(packed.length / 1024)} kB`);
}
