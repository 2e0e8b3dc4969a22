import { brotliCompressSync, gzipSync } from 'node:zlib';

import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

/** Writes `.br` and `.gz` beside each script and style sheet, so that the server compresses nothing per request. */
function compressed() {
    return {
        name: 'sportello-compressed',
        apply: 'build',
        generateBundle(_options, bundle) {
            for (const [name, file] of Object.entries(bundle)) {
                if (!/\.(js|css)$/.test(name)) continue;
                const source = Buffer.from(file.type === 'chunk' ? file.code : file.source);
                this.emitFile({ type: 'asset', fileName: `${name}.br`, source: brotliCompressSync(source) });
                this.emitFile({ type: 'asset', fileName: `${name}.gz`, source: gzipSync(source, { level: 9 }) });
            }
        },
    };
}

/** Where `npm run dev` finds a running server; a build never uses it. */
const server = process.env['SPORTELLO_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
    plugins: [vue(), compressed()],
    define: {
        __VUE_OPTIONS_API__: false,
        __VUE_PROD_DEVTOOLS__: false,
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
        __VUE_I18N_FULL_INSTALL__: false,
        __VUE_I18N_LEGACY_API__: false,
        __INTLIFY_PROD_DEVTOOLS__: false,
    },
    build: {
        target: ['chrome123', 'firefox128', 'safari17.5'],
        // The policy header allows neither data: images nor inline scripts.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: true,
    },
    server: { proxy: { '/v1': { target: server, ws: true } } },
    test: {
        include: ['tests/**/*.test.ts'],
        // The contrast test reads the colours from the style sheet itself.
        css: true,
        reporters: ['dot'],
        silent: true,
    },
});
