import type { Ticket } from '../api/types';
import { t } from '../i18n';

/** What the customer is called: platforms do not always tell a name. */
export function customerName({ customer }: Ticket): string {
    return customer.name || (customer.handle ? `@${customer.handle}` : t('message.unnamed'));
}
