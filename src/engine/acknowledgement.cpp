#include "acknowledgement.hpp"

#include "automatic.hpp"
#include "facts.hpp"
#include "promises.hpp"

#include <sportello/domain/acknowledgement.hpp>
#include <sportello/domain/calendar.hpp>
#include <sportello/domain/opening_words.hpp>
#include <sportello/domain/promise.hpp>
#include <sportello/storage/acknowledgements.hpp>
#include <sportello/storage/automatic.hpp>
#include <sportello/storage/promises.hpp>
#include <sportello/storage/replies.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

using storage::Transaction;

std::optional<base::Instant> last_answer_of_a_person(Transaction& tx, domain::TicketId ticket)
{
    std::optional<base::Instant> last;
    for (const domain::Reply& reply : storage::replies_of_ticket(tx, ticket)) {
        const bool counts = reply.state != domain::Delivery::failed && reply.state != domain::Delivery::cancelled &&
                            reply.state != domain::Delivery::awaiting_approval;
        if (counts && !storage::automatic_mark(tx, reply.id)) last = std::max(last.value_or(reply.accepted_at), reply.accepted_at);
    }
    return last;
}

/// Text and whether it tells the promise.
struct Words {
    std::string text;
    bool promises = false;
};

std::optional<Words> words_for(const Arrival& arrival, const BrandSettings& brand, const domain::Calendar& calendar)
{
    const domain::Ticket& ticket = arrival.ticket;
    const AcknowledgementSettings& said = brand.acknowledgement;
    const std::string language = ticket.language.empty() ? brand.language : ticket.language;
    const std::string opening = domain::say_next_opening(calendar, arrival.now, language).value_or("");
    if (ticket.promised_at && arrival.promise_basis &&
        arrival.promise_basis->of(arrival.tx, arrival.settings, ticket.brand, arrival.now).may_be_told) {
        if (const auto text = domain::text_for(said.promise_texts, language, brand.language)) {
            const std::string promise = domain::say_until(calendar, *ticket.promised_at, arrival.now, language);
            return Words{domain::fill_acknowledgement(*text, opening, promise), true};
        }
    }
    const auto text = domain::text_for(said.texts, language, brand.language);
    if (!text) return std::nullopt;
    return Words{domain::fill_acknowledgement(*text, opening, ""), false};
}

} // namespace

void acknowledge(const Arrival& arrival)
{
    Transaction& tx = arrival.tx;
    const domain::Ticket& ticket = arrival.ticket;
    const BrandSettings* brand = arrival.settings.brand(ticket.brand);
    if (!brand || brand->acknowledgement.texts.empty() || !ticket.waiting_since) return;
    const auto calendar = brand->calendar;
    domain::AcknowledgementFacts facts{
        .calendar = calendar.get(), .now = arrival.now, .aside = ticket.aside, .last_acknowledged_at = {}, .last_answered_at = {}};
    if (!domain::why_not_acknowledged(facts).empty()) return; // most messages come while it is open
    if (const auto last = storage::last_acknowledgement(tx, ticket)) facts.last_acknowledged_at = last->at;
    if (!arrival.opens) facts.last_answered_at = last_answer_of_a_person(tx, ticket.id);
    if (!domain::why_not_acknowledged(facts).empty()) return;
    const auto words = words_for(arrival, *brand, *calendar);
    if (!words) return;

    storage::Acknowledgement said{.channel = ticket.channel,
                                  .root_id = ticket.root_id,
                                  .identity = ticket.identity,
                                  .ticket = ticket.id,
                                  .reply = {},
                                  .text = words->text,
                                  .why = {},
                                  .at = arrival.now};
    AutomaticDraft draft;
    draft.text = words->text;
    draft.purpose = "acknowledgement";
    draft.expires_at = calendar->next_open(arrival.now); // what it says is not true any more then
    draft.answers = arrival.message.id;
    const auto sent = enqueue_automatic(tx, arrival.settings, ticket, draft, arrival.now);
    if (sent) said.reply = sent->id;
    else said.why = sent.error().what();
    storage::insert_acknowledgement(tx, said);
    if (sent && words->promises) storage::mark_promise_told(tx, ticket.id);
    tell(tx, sent ? "ticket.acknowledged" : "ticket.acknowledgement_offered", arrival.now, ticket.id, nullptr,
         {{"text", words->text}, {"why", said.why}, {"promise", words->promises}});
}

} // namespace sportello::engine
