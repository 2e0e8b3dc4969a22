import type { components } from './schema';

type Schemas = components['schemas'];

export type Platform = Schemas['Platform'];
export type Visibility = Schemas['Visibility'];
export type Status = Schemas['Status'];
export type Me = Schemas['Me'];
export type Agent = Schemas['Agent'];
export type Brand = Schemas['Brand'];
export type BrandOffice = Schemas['BrandOffice'];
export type OfficeHours = Schemas['OfficeHours'];
export type Channel = Schemas['Channel'];
export type Queue = Schemas['Queue'];
export type TicketSummary = Schemas['TicketSummary'];
/** A ticket as far as it is known: the line of a list, and the rest once it has been opened. */
export type Ticket = TicketSummary & Partial<Schemas['Ticket']>;
export type TicketChange = Schemas['TicketChange'];
export type TimelineItem = Schemas['TimelineItem'];
export type Reply = Schemas['Reply'];
export type Delivery = Schemas['Delivery'];
export type DeliveryState = Delivery['state'];
export type RouteKind = Schemas['RouteKind'];
export type ReplyRoute = Schemas['ReplyRoute'];
export type ByHand = Schemas['ByHand'];
export type UncertainReply = Schemas['UncertainReply'];
export type Handover = Schemas['Handover'];
export type NewHandover = Schemas['NewHandover'];
export type Preview = Schemas['Preview'];
export type LiveEvent = Schemas['Event'];
export type EventPage = Schemas['EventPage'];
export type LengthLimit = Schemas['LengthLimit'];
export type Bootstrap = Schemas['Bootstrap'];
export type Problem = Schemas['Problem'];
