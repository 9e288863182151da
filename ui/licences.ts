import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

interface Package {
  name: string;
  version: string;
  license: string;
  text: string;
}

interface Manifest {
  name: string;
  version: string;
  license: string;
  author?: string | { name: string };
}

/** Writes /licences.txt: the licence of every package whose code or font is in the build, as their terms ask. */
export function licences(): Plugin {
  return {
    name: 'penstock-licences',
    apply: 'build',
    generateBundle(_options, bundle) {
      const used = Object.values(bundle).flatMap((part) =>
        part.type === 'asset'
          ? part.originalFileNames.map((name) => resolve(name))
          : Object.keys(part.modules).filter((id) => (part.modules[id]?.renderedLength ?? 0) > 0),
      );
      const roots = new Set(used.map(packageRoot).filter((root) => root !== null));
      const packages = [...roots].map(readPackage).sort((left, right) => (left.name < right.name ? -1 : 1));
      const source = packages.map(({ name, version, license, text }) => {
        return `${name} ${version} (${license})\n\n${text.trim()}\n`;
      });
      this.emitFile({
        type: 'asset',
        fileName: 'licences.txt',
        source: source.join(`\n${'-'.repeat(78)}\n\n`),
      });
    },
  };
}

/** The folder of the innermost package that holds the module; null for our own code. */
function packageRoot(id: string): string | null {
  const path = id.replace(/^\0/, '').split('?')[0] ?? '';
  const marker = `${sep}node_modules${sep}`;
  const at = path.lastIndexOf(marker);
  if (at < 0) return null;
  const parts = path.slice(at + marker.length).split(sep);
  const depth = parts[0]?.startsWith('@') ? 2 : 1;
  return path.slice(0, at + marker.length) + parts.slice(0, depth).join(sep);
}

function readPackage(root: string): Package {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const { name, version, license, author } = manifest;
  const owner = typeof author === 'string' ? author : (author?.name ?? 'its authors');
  const text =
    licenceText(root) || `Copyright ${owner}. The package names its licence but does not carry its text.`;
  return { name, version, license, text };
}

function licenceText(root: string): string {
  for (let folder = root; folder.includes('node_modules'); folder = dirname(folder)) {
    const file = existsSync(folder) && readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    if (file) return readFileSync(join(folder, file), 'utf8');
  }
  return '';
}
