import type { Bootstrap, Customer, Ticket } from '../api/types';

type CrmLink = Bootstrap['crm_links'][number];
export interface FilledLink {
    name: string;
    url: string;
}

/**
 * The links that are for this customer, filled in. One that asks for something we do not know is left out, and so is one that
 * would lead anywhere but where the operator said.
 */
export function crmLinksFor(links: CrmLink[], customer: Customer, ticket: Ticket | null, brands: string[]): FilledLink[] {
    const known: Record<string, string> = {
        contract: customer.contract_reference ?? '',
        customer: String(customer.id),
        ticket: ticket ? String(ticket.id) : '',
        handle: ticket?.customer.handle ?? customer.identities.find((one) => one.handle)?.handle ?? '',
    };
    return links.flatMap(({ name, url, brands: of }) => {
        if (of.length && !of.some((brand) => brands.includes(brand))) return [];
        let whole = true;
        const filled = url.replace(/\{(\w+)\}/g, (_place, word: string) => {
            whole &&= Boolean(known[word]);
            // A dot alone is a step in a path, whatever it is encoded as.
            return encodeURIComponent(known[word] ?? '').replace(/^\.+$/, (dots) => `${dots}%20`);
        });
        return whole && filled.startsWith('https://') ? [{ name, url: filled }] : [];
    });
}
