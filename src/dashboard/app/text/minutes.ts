import { locale, t } from '../i18n';

/** As people say it: whole minutes, and seconds only below one. */
export function minutes(seconds: number): string {
    if (seconds > 0 && seconds < 60) return t('figures.seconds', { n: Math.ceil(seconds) });
    const whole = Math.round(seconds / 60);
    // The first formatter of a page takes its time to come, and hardly any figure needs it.
    return t('figures.minutes', { n: whole < 1000 ? whole : new Intl.NumberFormat(locale()).format(whole) });
}
