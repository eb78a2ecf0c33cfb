/** Texts that people read, in the languages of the dashboard. */

export const LANGUAGES = ['en', 'ru'] as const;

/** One of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number];

/** A text in every language. */
export type Text = Readonly<Record<Language, string>>;
