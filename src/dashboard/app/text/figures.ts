import { t } from '../i18n';

/** Whole minutes, seconds below one minute, hours and minutes from two hours on. */
export function duration(seconds: number | null | undefined, locale: string): string {
    if (seconds === null || seconds === undefined) return '–';
    const figure = (n: number): string => new Intl.NumberFormat(locale).format(n);
    if (seconds > 0 && seconds < 60) return t('figures.seconds', { n: Math.ceil(seconds) });
    const minutes = Math.round(seconds / 60);
    if (minutes < 120) return t('figures.minutes', { n: figure(minutes) });
    if (minutes % 60 === 0) return t('figures.wholeHours', { n: figure(minutes / 60) });
    return t('figures.hours', { hours: figure(Math.floor(minutes / 60)), minutes: minutes % 60 });
}

export function usd(amount: number, locale: string): string {
    return new Intl.NumberFormat(locale, { style: 'currency', currency: 'USD', maximumFractionDigits: amount && amount < 1 ? 3 : 2 }).format(amount);
}

/** A share from 0 to 1 as per cent. */
export function percent(share: number | null | undefined, locale: string): string {
    if (share === null || share === undefined) return '–';
    return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(share);
}
