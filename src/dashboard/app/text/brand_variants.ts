import type { Brand } from '../api/types';

/** The fields of a text and of those that say it otherwise for one brand; what is empty goes out as the text for all. */
export function variantsOf(texts: Record<string, string>): { variants?: Record<string, string> } {
    const filled = Object.entries(texts).map(([key, text]) => [key, text.trim()] as const).filter(([, text]) => text);
    return filled.length ? { variants: Object.fromEntries(filled) } : {};
}

export const brandsOf = (ids: string[], all: Brand[]): Brand[] => all.filter((brand) => !ids.length || ids.includes(brand.id));
