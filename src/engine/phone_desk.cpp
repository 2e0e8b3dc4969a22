#include <sportello/engine/phone_desk.hpp>

#include "automatic.hpp"
#include "facts.hpp"
#include "search_index.hpp"
#include "staff.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/handovers.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/notes.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::CallOutcome;
using domain::PhoneText;
using domain::Ticket;
using domain::TicketId;
using domain::TicketStatus;
using storage::PhoneCall;
using storage::Transaction;

// Slots that are looked through for one with room.
constexpr std::size_t slots_tried = 400;

Error refused(const char* pointer, std::string what)
{
    return {ErrorKind::conflict, what, {{pointer, what}}};
}

std::string text_of(const TeamSettings* desk, PhoneText text, const std::string& language)
{
    if (desk) {
        const auto& own = text == PhoneText::planned       ? desk->text_planned
                          : text == PhoneText::not_reached ? desk->text_not_reached
                                                           : desk->text_ask_number;
        if (const auto found = own.find(language); found != own.end()) return found->second;
    }
    return std::string(domain::phone_text(text, language));
}

const std::string& zone_of(const TeamSettings& desk)
{
    return desk.calendar->spec().time_zone;
}

Handover as_handover(const storage::Handover& stored, std::optional<PhoneCall> call)
{
    return {stored.id, stored.ticket, stored.callback_number, stored.note, stored.reference, stored.at, std::move(call)};
}

} // namespace

/// What one transaction works with.
struct PhoneDesk::Unit {
    Transaction& tx;
    const Settings& settings;
    const Command& command;
    Instant now;

    /// Those of the desk who have a rota: what its slots can keep depends on them.
    [[nodiscard]] std::vector<StaffMember> staff_at(const TeamSettings& desk) const
    {
        if (desk.slots_per_person <= 0) return {};
        auto staff = staff_of(tx, settings, now);
        std::erase_if(staff, [&](const StaffMember& member) {
            const auto& teams = member.agent.teams;
            return !member.plan || member.agent.disabled || std::ranges::find(teams, desk.id) == teams.end();
        });
        return staff;
    }

    [[nodiscard]] std::vector<FreeSlot> free_slots(const TeamSettings& desk, std::size_t limit) const
    {
        const auto staff = staff_at(desk);
        std::vector<const domain::ShiftPlan*> plans;
        for (const StaffMember& member : staff) plans.push_back(&*member.plan);
        std::vector<FreeSlot> free;
        for (const Instant slot : domain::phone_slots(*desk.calendar, now + desk.notice, slots_tried)) {
            const int capacity = domain::slot_capacity(desk.slots, desk.slots_per_person, plans, slot);
            const std::int64_t booked = storage::booked_in(tx, desk.id, slot);
            if (booked < capacity) free.push_back({slot, capacity - booked, capacity});
            if (free.size() >= limit) break;
        }
        return free;
    }

    /// Takes a place in the slot wished for, or in the first with room.
    [[nodiscard]] Result<Instant> book(const TeamSettings& desk, std::optional<Instant> wish) const
    {
        const auto free = free_slots(desk, wish ? slots_tried : 1);
        const auto chosen = wish ? std::ranges::find(free, *wish, &FreeSlot::at) : free.begin();
        if (chosen == free.end()) {
            return refused("/slot",
                           wish ? "this slot is full, or none of the phone desk's" : "the phone desk has no slot with room in four weeks");
        }
        if (!storage::book_slot(tx, desk.id, chosen->at, chosen->capacity)) return refused("/slot", "this slot is full");
        return chosen->at;
    }

    /// Writes to the customer in private, in the name of who acts; it is no answer and stops no clock.
    /// @param until  not sent any more from then on
    [[nodiscard]] Result<domain::Reply> write_privately(const Ticket& ticket, const std::string& text, std::optional<Instant> until) const
    {
        AutomaticDraft draft{.text = text, .purpose = "handover", .expires_at = until, .ordered_by = &command};
        draft.route = domain::RouteKind::private_message;
        if (ticket.visibility == domain::Visibility::private_) return enqueue_automatic(tx, settings, ticket, draft, now);
        const auto last = storage::last_private_message_of(tx, ticket.channel, ticket.identity);
        if (last && last->ticket) {
            const auto conversation = storage::find_ticket(tx, *last->ticket);
            const bool in_work = conversation && conversation->status != TicketStatus::closed;
            if (in_work) return enqueue_automatic(tx, settings, *conversation, draft, now);
        }
        // A comment can be answered in private once; on X nothing can.
        if (ticket.platform != domain::Platform::facebook) return refused("/route", "this person has never written to us in private");
        draft.route = domain::RouteKind::private_reply;
        return enqueue_automatic(tx, settings, ticket, draft, now);
    }

    /// @return why the customer was not told; empty when they will read it.
    [[nodiscard]] std::string tell_customer(const TeamSettings& desk, const Ticket& ticket, PhoneText text, Instant slot,
                                            const std::string& reference) const
    {
        const BrandSettings* brand = settings.brand(ticket.brand);
        const std::string language = !ticket.language.empty() ? ticket.language : brand ? brand->language : "it";
        const domain::PhoneWords words{
            .slot = domain::slot_in_words(slot, zone_of(desk), language), .code = reference, .brand = brand ? brand->name : ticket.brand};
        const auto until = text == PhoneText::planned ? std::optional(slot) : std::nullopt; // a slot that is over helps nobody
        const auto written = write_privately(ticket, domain::fill_phone_text(text_of(&desk, text, language), words), until);
        return written ? std::string() : written.error().what();
    }

    void tell_call_centre(const TeamSettings& desk, const PhoneCall& call, std::string_view what) const
    {
        if (desk.webhook.empty()) return;
        const nlohmann::json body{{"type", what},
                                  {"handover", call.handover},
                                  {"ticket", call.ticket.value},
                                  {"brand", call.brand},
                                  {"desk", call.desk},
                                  {"reference", call.reference},
                                  {"state", call.state},
                                  {"callback_number", call.callback_number},
                                  {"summary", call.note},
                                  {"slot_from", base::to_rfc3339(call.slot_at)},
                                  {"slot_until", base::to_rfc3339(call.slot_at + domain::phone_slot)},
                                  {"attempts", call.attempts},
                                  {"thread", "/v1/tickets/" + std::to_string(call.ticket.value) + "/timeline"},
                                  {"at", base::to_rfc3339(now)}};
        storage::queue_delivery(tx, call.handover, desk.id, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), now);
    }

    [[nodiscard]] Result<void> set_status(TicketId id, TicketStatus status, const std::string& why, nlohmann::json data,
                                          std::string_view event) const
    {
        auto ticket = storage::find_ticket(tx, id); // anew: a reply may have changed it
        if (!ticket) return ticket.error();
        const Ticket before = *ticket;
        if (ticket->status != status && ticket->status != TicketStatus::closed) {
            const auto changed = domain::change_status(*ticket, status, target_of(settings, *ticket), now);
            if (!changed) return changed.error();
        }
        ticket->status_reason = why;
        if (status == TicketStatus::open) release_if_absent(tx, settings, *ticket, now);
        data["was"] = to_string(before.status);
        data["status"] = to_string(ticket->status);
        if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved.error();
        tell(tx, event, now, id, &command, data);
        return {};
    }

    [[nodiscard]] Result<Handover> known_handover(TicketId ticket, std::int64_t id) const
    {
        for (const storage::Handover& known : storage::handovers_of(tx, ticket)) {
            if (known.id != id) continue;
            auto call = storage::find_call(tx, id);
            return as_handover(known, call ? std::optional(std::move(*call)) : std::nullopt);
        }
        return Error(ErrorKind::not_found, "there is no hand-over " + std::to_string(id));
    }

    [[nodiscard]] Result<PhoneCall> plan_call(const TeamSettings& desk, const Ticket& ticket, const storage::Handover& handover,
                                              std::optional<Instant> wish) const
    {
        const auto slot = book(desk, wish);
        if (!slot) return slot.error();
        PhoneCall call{.handover = handover.id,
                       .ticket = ticket.id,
                       .brand = ticket.brand,
                       .desk = desk.id,
                       .slot_at = *slot,
                       .state = std::string(domain::call_planned),
                       .attempts = 0,
                       .customer_told = {},
                       .updated_at = now,
                       .callback_number = handover.callback_number,
                       .note = handover.note,
                       .reference = handover.reference,
                       .at = now};
        call.customer_told = tell_customer(desk, ticket, PhoneText::planned, *slot, handover.reference);
        storage::insert_call(tx, call);
        tell_call_centre(desk, call, "handover.planned");
        return call;
    }

    [[nodiscard]] Result<Handover> hand_over(TicketId id, const HandoverRequest& request, const std::string& reference) const
    {
        const auto ticket = workable_ticket(tx, id, command.actor);
        if (!ticket) return ticket.error();
        const auto before = made_before(tx, command);
        if (!before) return before.error();
        if (*before) return known_handover(id, **before);
        if (ticket->status == TicketStatus::closed) return Error(ErrorKind::conflict, "the ticket is closed");
        storage::Handover handover{0, id, command.actor.id, request.callback_number, request.note, reference, now};
        if (handover.callback_number.empty()) handover.callback_number = storage::find_contact(tx, ticket->customer).phone;
        if (handover.callback_number.empty()) {
            return refused("/callback_number", "the customer's number is not known: ask for it in private");
        }
        const auto made = storage::insert_handover(tx, handover);
        if (!made) return made.error();
        handover.id = *made;
        if (const auto kept = remember_made(tx, command, *made, now); !kept) return kept.error();
        if (!request.callback_number.empty()) storage::note_phone(tx, ticket->customer, request.callback_number);
        const TeamSettings* desk = settings.phone_desk();
        std::optional<PhoneCall> call;
        if (desk) {
            auto planned = plan_call(*desk, *ticket, handover, request.slot);
            if (!planned) return planned.error();
            call = std::move(*planned);
        }
        nlohmann::json data{{"handover", *made}, {"reference", reference}};
        std::string why = "handed over to the phone";
        if (call) {
            why = "the phone desk calls at " + base::to_rfc3339(call->slot_at);
            data["slot_at"] = base::to_rfc3339(call->slot_at);
            data["customer_told"] = call->customer_told.empty();
            if (!call->customer_told.empty()) data["not_told_because"] = call->customer_told;
        }
        data["why"] = why;
        // The phone desk answers now: here the ticket waits, and its clock with it.
        if (const auto held = set_status(id, TicketStatus::on_hold, why, data, "ticket.handed_over"); !held) return held.error();
        return as_handover(handover, std::move(call));
    }

    /// A call in vain: another one, or after the last a message.
    [[nodiscard]] Result<void> not_reached(const TeamSettings& desk, const Ticket& ticket, PhoneCall& call,
                                           std::optional<Instant> wish) const
    {
        ++call.attempts;
        if (call.attempts >= desk.most_attempts) {
            call.state = domain::call_given_up;
            call.customer_told = tell_customer(desk, ticket, PhoneText::not_reached, call.slot_at, call.reference);
            const std::string why = "not reached in " + std::to_string(call.attempts) + " calls";
            // Where nothing could be written somebody has to think of another way.
            const auto status = call.customer_told.empty() ? TicketStatus::pending : TicketStatus::open;
            return set_status(ticket.id, status, why, {{"handover", call.handover}, {"outcome", call.state}, {"why", why}},
                              "ticket.call_outcome");
        }
        const auto slot = book(desk, wish);
        if (!slot) return slot.error();
        call.slot_at = *slot;
        call.customer_told = tell_customer(desk, ticket, PhoneText::planned, *slot, call.reference);
        const std::string why = "not reached: the phone desk calls again at " + base::to_rfc3339(*slot);
        return set_status(ticket.id, TicketStatus::on_hold, why,
                          {{"handover", call.handover}, {"outcome", "not_reached"}, {"slot_at", base::to_rfc3339(*slot)}, {"why", why}},
                          "ticket.call_outcome");
    }

    [[nodiscard]] Result<PhoneCall> tell_outcome(std::int64_t id, const CallResult& result) const
    {
        auto call = storage::find_call(tx, id);
        if (!call || !command.actor.may_see(call->brand))
            return Error(ErrorKind::not_found, "there is no call for hand-over " + std::to_string(id));
        const auto ticket = visible_ticket(tx, call->ticket, command.actor);
        if (!ticket) return ticket.error();
        const auto before = made_before(tx, command);
        if (!before) return before.error();
        if (*before) return call;
        if (call->state != domain::call_planned) return Error(ErrorKind::conflict, "the outcome was told before: " + call->state);
        const TeamSettings* desk = settings.team(call->desk);
        if (!desk || !desk->is_phone_desk())
            return Error(ErrorKind::conflict, "the phone desk " + call->desk + " is not in the configuration any more");
        if (const auto kept = remember_made(tx, command, id, now); !kept) return kept.error();
        if (!result.note.empty()) index_note(tx, settings, storage::insert_note(tx, ticket->id, command.actor.id, result.note, now));
        // A place that was not needed is free for others; one whose time has come was used.
        if (call->slot_at > now) storage::release_slot(tx, call->desk, call->slot_at);
        call->updated_at = now;
        if (const auto done = close_or_repeat(*desk, *ticket, *call, result); !done) return done.error();
        if (!storage::save_planned_call(tx, *call)) return Error(ErrorKind::conflict, "the outcome was told by somebody else");
        tell_call_centre(*desk, *call, call->state == domain::call_planned ? "handover.moved" : "handover.closed");
        return call;
    }

    [[nodiscard]] Result<void> close_or_repeat(const TeamSettings& desk, const Ticket& ticket, PhoneCall& call,
                                               const CallResult& result) const
    {
        if (result.outcome == CallOutcome::not_reached) return not_reached(desk, ticket, call, result.slot);
        call.state = to_string(result.outcome);
        nlohmann::json data{{"handover", call.handover}, {"outcome", call.state}};
        std::string why = "solved on the phone";
        TicketStatus status = TicketStatus::solved;
        if (result.outcome == CallOutcome::wrong_number) {
            storage::note_phone(tx, ticket.customer, "");
            why = "the number was wrong: ask for another in private";
            status = TicketStatus::open;
        } else if (result.outcome == CallOutcome::back) {
            why = "the phone desk gives it back to the counter";
            status = TicketStatus::open;
        } else {
            ++call.attempts;
        }
        data["why"] = why;
        return set_status(ticket.id, status, why, std::move(data), "ticket.call_outcome");
    }
};

PhoneDesk::PhoneDesk(storage::Database& db, const Settings& settings, base::Clock& clock, base::Random& random,
                     std::function<void()> outbox_work)
    : db_(db), settings_(settings), clock_(clock), random_(random), outbox_work_(std::move(outbox_work))
{
}

asio::awaitable<Result<Handover>> PhoneDesk::hand_over(TicketId id, HandoverRequest request, Command command)
{
    const Instant now = clock_.now();
    // Short enough to be said on the phone, without letters and digits that sound or look alike.
    constexpr std::string_view alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::string reference = "S-";
    for (int i = 0; i < 6; ++i) reference += alphabet[random_.below(alphabet.size())];
    auto unit = [&](Transaction& tx) -> Result<Handover> { return Unit{tx, settings_, command, now}.hand_over(id, request, reference); };
    auto done = co_await db_.write(unit);
    if (done) outbox_work_();
    co_return done;
}

asio::awaitable<Result<domain::Reply>> PhoneDesk::ask_number(TicketId id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<domain::Reply> {
        const auto ticket = workable_ticket(tx, id, command.actor);
        if (!ticket) return ticket.error();
        const auto before = made_before(tx, command);
        if (!before) return before.error();
        if (*before) return storage::find_reply(tx, domain::ReplyId{**before});
        const BrandSettings* brand = settings_.brand(ticket->brand);
        const std::string language = !ticket->language.empty() ? ticket->language : brand ? brand->language : "it";
        const std::string text = text_of(settings_.phone_desk(), PhoneText::ask_number, language);
        auto asked = Unit{tx, settings_, command, now}.write_privately(
            *ticket, domain::fill_phone_text(text, {"", "", brand ? brand->name : ""}), std::nullopt);
        if (!asked) return asked;
        if (const auto kept = remember_made(tx, command, asked->id.value, now); !kept) return kept.error();
        return asked;
    };
    auto done = co_await db_.write(unit);
    if (done) outbox_work_();
    co_return done;
}

asio::awaitable<Result<std::vector<FreeSlot>>> PhoneDesk::free_slots(std::size_t limit)
{
    const Instant now = clock_.now();
    const Command nobody;
    auto unit = [&](Transaction& tx) -> Result<std::vector<FreeSlot>> {
        const TeamSettings* desk = settings_.phone_desk();
        if (!desk) return std::vector<FreeSlot>();
        return Unit{tx, settings_, nobody, now}.free_slots(*desk, limit);
    };
    co_return co_await db_.read(unit);
}

asio::awaitable<Result<std::vector<PhoneCall>>> PhoneDesk::calls(std::optional<Instant> due_until, std::optional<storage::CallCursor> after,
                                                                 std::int64_t limit, Actor actor)
{
    auto unit = [&](Transaction& tx) -> Result<std::vector<PhoneCall>> {
        storage::CallFilter filter{.brands = actor.brands, .desks = {}, .due_until = due_until};
        if (actor.role == domain::Role::phone) filter.desks = actor.teams;
        return storage::planned_calls(tx, filter, after, limit);
    };
    co_return co_await db_.read(unit);
}

asio::awaitable<Result<PhoneCall>> PhoneDesk::tell_outcome(std::int64_t handover, CallResult result, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<PhoneCall> { return Unit{tx, settings_, command, now}.tell_outcome(handover, result); };
    auto done = co_await db_.write(unit);
    if (done) outbox_work_();
    co_return done;
}

} // namespace sportello::engine
