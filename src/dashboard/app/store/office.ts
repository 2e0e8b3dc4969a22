import { shallowRef } from 'vue';

import { api, body } from '../api/client';
import type { Agent, Bootstrap, Brand, BrandOffice, Channel, LengthLimit, Queue, Visibility } from '../api/types';
import { serverTime } from '../time/clock';
import { timeZone } from '../time/format';
import { forgetLateness } from './lateness';

export const brands = shallowRef<Brand[]>([]);
export const channels = shallowRef<Channel[]>([]);
export const agents = shallowRef<Agent[]>([]);
export const officeHours = shallowRef<BrandOffice[]>([]);
export const queue = shallowRef<Queue | null>(null);

export function useOffice(first: Bootstrap): void {
    brands.value = first.brands;
    channels.value = first.channels;
    agents.value = first.agents;
    officeHours.value = first.office_hours;
    queue.value = first.queue;
    timeZone.value = first.brands[0]?.calendar.time_zone ?? timeZone.value;
}

export function officeOf(brand: string): BrandOffice | undefined {
    return officeHours.value.find((office) => office.brand === brand);
}

export function brandName(id: string): string {
    return brands.value.find((brand) => brand.id === id)?.name ?? id;
}

/** Stripes are given by the brand's place in the list; a fourth brand shares the first's colour, never its name. */
export function brandStripe(id: string): 'a' | 'b' | 'c' {
    const place = Math.max(0, brands.value.findIndex((brand) => brand.id === id));
    return (['a', 'b', 'c'] as const)[place % 3] ?? 'a';
}

export function agentName(id: number): string {
    return agents.value.find((agent) => agent.id === id)?.name ?? `#${id}`;
}

export function channelName(id: string): string {
    return channels.value.find((channel) => channel.id === id)?.account ?? id;
}

/** A channel as people tell it from the others; a Page's account is a long number that tells nobody anything. */
export function channelTitle(id: string): string {
    const channel = channels.value.find((candidate) => candidate.id === id);
    if (!channel) return id;
    return `${brandName(channel.brand)} · ${channel.platform === 'facebook' ? 'Facebook' : `X @${channel.account}`}`;
}

/** How long one message may be on a channel; nothing for a channel that is no longer configured. */
export function limitOf(channel: string, visibility: Visibility): LengthLimit | undefined {
    return channels.value.find((candidate) => candidate.id === channel)?.limits[visibility];
}

async function askOffice(brand: string): Promise<BrandOffice> {
    const { open, next_open, next_close } = await body(api.GET('/v1/office-hours', { params: { query: { brand } } }));
    return { brand, open, next_open, next_close };
}

/** Asks the calendars again once an opening or closing has passed. */
export async function refreshOfficeIfTurned(): Promise<void> {
    const now = serverTime();
    const passed = (at: string | null): boolean => at !== null && Date.parse(at) <= now;
    if (!officeHours.value.some((office) => passed(office.next_open) || passed(office.next_close))) return;
    forgetLateness();
    officeHours.value = await Promise.all(brands.value.map((brand) => askOffice(brand.id)));
}

export async function refreshQueue(): Promise<void> {
    queue.value = await body(api.GET('/v1/queue'));
}
