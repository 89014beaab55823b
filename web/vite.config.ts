import { defineConfig } from "vitest/config";

// The page keeps a strict policy of its own beside the headers of the edge: whichever is stricter holds. Where it may
// send to, and whose pictures it shows, the headers alone say, as they know the upload bucket. Only in the build, because
// the development server puts its styles into the page itself.
const POLICY = [
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "frame-src 'none'",
  "worker-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    // No inlined assets, no polyfill: nothing that the policy would have to make an exception for.
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
  },
  plugins: [
    {
      name: "content-security-policy",
      apply: "build",
      transformIndexHtml: () => [
        {
          tag: "meta",
          attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
          injectTo: "head-prepend",
        },
      ],
    },
  ],
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "node",
    restoreMocks: true,
  },
});
