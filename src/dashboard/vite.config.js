import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

/** Has Chromium compile the script that the first screen runs beside its loading, not function by function while that is drawn. */
const compiledWhole = '//# allFunctionsCalledOnLoad\n';

/**
 * Writes `.br` and `.gz` beside each script and style sheet, so that the server compresses nothing per request. It reads the
 * files as they were written: Vite still changes their text after every other hook.
 */
function compressed() {
    return {
        name: 'sportello-compressed',
        apply: 'build',
        writeBundle(options, bundle) {
            for (const [name, { isEntry }] of Object.entries(bundle)) {
                if (!/\.(js|css)$/.test(name)) continue;
                const file = join(options.dir, name);
                const source = Buffer.concat([Buffer.from(isEntry ? compiledWhole : ''), readFileSync(file)]);
                if (isEntry) writeFileSync(file, source);
                writeFileSync(`${file}.br`, brotliCompressSync(source));
                writeFileSync(`${file}.gz`, gzipSync(source, { level: 9 }));
            }
        },
    };
}

/** What one reader needs on the same day comes as one file: alone, each of these packs half as well. */
const groups = [
    [/\/(pages\/(Supervision|Rota|Hours|Reports|Alerts|Uncertain)Page\.vue|components\/(supervision\/|PlotFigure\.vue|plots\.ts)|text\/(reports|wall)\.ts)/, 'supervision'],
    [/\/(pages\/SettingsPage\.vue|components\/settings\/)/, 'settings'],
    [/\/pages\/(Incidents|Customer|Links|Search|Approvals|Phone|Keys|Accessibility|NoRights)Page\.vue|\/components\/incident\//, 'pages'],
    [/\/components\/(ticket\/(Assign|Bulk(?!Outcome)|Canned|Continue|Labels|Macro|Mention|Merge|Priority|Remind|SelectionReply|Split|TicketDialogs|Views)|(CommandPalette|KeyMapDialog|KeyTable|ByHandDialog|SnoozeDialog|HandoverDialog)\.vue)/, 'dialogs'],
    [/\/components\/(FormField|FormDialog|DataTable|ChoiceDialog|CopyText|RecoveryCodes|DecisionDialog|PageShell|NoRights)\.vue|\/(form|resource|csv|label_colours)\.ts$/, 'forms'],
    [/\/i18n\/it\/(admin|settings|supervision|incidents)\.ts$/, 'texts-office-it'],
    [/\/i18n\/en\/(admin|settings|supervision|incidents)\.ts$/, 'texts-office-en'],
];
const together = (id) => groups.find(([files]) => files.test(id))?.[1];

/** Where `npm run dev` finds a running server; a build never uses it. */
const server = process.env['SPORTELLO_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
    plugins: [vue(), compressed()],
    resolve: {
        alias: [{ find: /^\.\.\/createLucideIcon\.mjs$/, replacement: fileURLToPath(new URL('app/look/icon.ts', import.meta.url)) }],
    },
    define: {
        __VUE_OPTIONS_API__: false,
        __VUE_PROD_DEVTOOLS__: false,
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    },
    build: {
        target: ['chrome123', 'firefox128', 'safari17.5'],
        // The policy header allows neither data: images nor inline scripts.
        assetsInlineLimit: 0,
        minify: 'terser',
        terserOptions: { module: true, compress: { passes: 2, ecma: 2020 }, ecma: 2020 },
        modulePreload: { polyfill: false },
        // One sheet for all pages is half of what many small ones weigh, and no page is ever drawn before its rules are there.
        cssCodeSplit: false,
        rollupOptions: { output: { manualChunks: together, onlyExplicitManualChunks: true } },
        reportCompressedSize: true,
    },
    server: {
        // A test reads the server's sources for the words in which it gives reasons.
        fs: { allow: ['..'] },
        proxy: { '/v1': { target: server, ws: true } },
    },
    test: {
        include: ['tests/**/*.test.ts'],
        // The contrast test reads the colours from the style sheet itself.
        css: true,
        setupFiles: ['tests/setup.ts'],
        // A machine that does other things too is no mistake of the dashboard.
        testTimeout: 20_000,
        reporters: ['dot'],
        silent: true,
    },
});
