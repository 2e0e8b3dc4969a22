import type { Attachment } from '../api/types';
import { locale, t } from '../i18n';

export function fileSize(bytes: number | null): string {
    if (bytes === null) return '';
    const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kilobyte'] : [bytes / 1_000_000, 'megabyte'];
    return new Intl.NumberFormat(locale(), { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

export const nameOf = (file: Attachment): string => file.name || t('files.unnamed', { n: file.id });
