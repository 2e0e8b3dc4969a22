import type { IncidentSummary } from '../api/types';
import { t, type MessageKey } from '../i18n';

export const stateWords: Record<IncidentSummary['state'], MessageKey> = {
    proposed: 'incident.proposed', confirmed: 'incident.confirmed', dismissed: 'incident.dismissed', closed: 'incident.closed',
};
export const stateTones: Record<IncidentSummary['state'], string> = { proposed: 'warn', confirmed: 'late', dismissed: '', closed: 'ok' };

/** Service and places. */
export function incidentTitle(incident: IncidentSummary): string {
    const places = incident.places.slice(0, 3).map((place) => place.name).join(', ');
    const more = incident.places.length > 3 ? ` +${incident.places.length - 3}` : '';
    return `${incident.service || t('incident.any')} · ${places ? places + more : t('incident.everywhere').toLowerCase()}`;
}
