import type { Platform, Ticket, Visibility } from '../api/types';
import { t, type MessageKey } from '../i18n';

const platforms: Record<Platform, Record<Visibility, MessageKey>> = {
    facebook: { public: 'platform.facebookPublic', private: 'platform.facebookPrivate' },
    twitter: { public: 'platform.twitterPublic', private: 'platform.twitterPrivate' },
};

export function platformName(platform: Platform, visibility: Visibility): string {
    return t(platforms[platform][visibility]);
}

/** What the customer is called: platforms do not always tell a name. */
export function customerName({ customer }: Ticket): string {
    return customer.name || (customer.handle ? `@${customer.handle}` : t('message.unnamed'));
}
