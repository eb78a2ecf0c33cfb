/** The bundler takes style sheets out of scripts. */
declare module '*.css';
