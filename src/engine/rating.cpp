#include "rating.hpp"

#include "facts.hpp"
#include "placeholder_values.hpp"
#include "ticket_clocks.hpp"

#include <sportello/domain/rating.hpp>
#include <sportello/domain/text_budget.hpp>
#include <sportello/engine/routes.hpp>
#include <sportello/storage/automatic.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/ratings.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <string>

namespace sportello::engine {
namespace {

using base::Instant;
using domain::RouteKind;
using domain::Ticket;
using storage::Rating;
using storage::Transaction;
using State = storage::Rating::State;
using namespace std::chrono_literals;

constexpr std::int64_t most_at_once = 100;
// The platform's clock and ours may differ.
constexpr base::Duration clock_slack = 1min;

constexpr std::string_view usual_question_it =
    "La tua richiesta è stata risolta. Da 1 (per niente) a 5 (molto), quanto sei soddisfatto della "
    "nostra assistenza? Rispondi con un solo numero. {{signature}}";
constexpr std::string_view usual_question_en =
    "Your request has been solved. From 1 (not at all) to 5 (very), how satisfied are you with our "
    "help? Please answer with one figure. {{signature}}";

std::string_view question_of(const BrandSettings& brand)
{
    if (!brand.rating.text.empty()) return brand.rating.text;
    return brand.language == "it" ? usual_question_it : usual_question_en;
}

/// The person's private message in this ticket that the question goes out to, or why there is none.
struct Way {
    std::optional<domain::Message> message;
    std::string why_not;
};

Way way_to(Transaction& tx, const Settings& settings, const Rating& rating, const base::Result<Ticket>& ticket, Instant now)
{
    const BrandSettings* brand = settings.brand(rating.brand);
    if (!brand || !brand->rating.ask) return {{}, "the brand does not ask any more"};
    if (!ticket || ticket->status != domain::TicketStatus::solved) return {{}, "the ticket is not solved any more"};
    if (storage::asked_rating(tx, rating.channel, rating.identity)) return {{}, "another question is still open"};
    auto last = storage::last_private_message_of(tx, rating.channel, rating.identity);
    if (!last || last->ticket != ticket->id) return {{}, "the customer did not write in private about it"};
    const auto routes = routes_of(tx, settings, *ticket, *last, now);
    const auto* route = domain::find_route(routes.routes, RouteKind::private_message);
    if (!route || !route->open) return {{}, route ? route->why : "there is no private way"};
    // What the platform takes from people only is not for us.
    if (!route->why.empty()) return {{}, route->why};
    return {std::move(last), {}};
}

/// Into the outbox without a word to the ticket: it is no agent's answer.
domain::ReplyId put_question(Transaction& tx, const Settings& settings, const Rating& rating, const Ticket& ticket,
                             const domain::Message& answered, Instant now)
{
    domain::Reply reply;
    reply.ticket = ticket.id;
    reply.author = rating.agent;
    reply.channel = answered.channel;
    reply.conversation = "ticket:" + std::to_string(ticket.id.value);
    reply.visibility = domain::Visibility::private_;
    reply.route = RouteKind::private_message;
    reply.text = expand_for(tx, settings, ticket, rating.agent, question_of(*settings.brand(rating.brand))).text;
    while (reply.text.ends_with(' ')) reply.text.pop_back(); // a brand without a signature
    reply.target_id = answered.root_id;
    reply.recipient_id = answered.recipient_id;
    reply.accepted_at = now;
    reply.send_after = now;
    const auto budget = domain::budget_for(answered.platform, domain::Visibility::private_, 280);
    std::vector<std::string> parts;
    for (domain::TextPart& part : domain::split(reply.text, budget)) parts.push_back(std::move(part.text));
    reply.id = storage::insert_reply(tx, reply, parts);
    storage::mark_automatic(tx, reply.id, "rating", std::nullopt);
    return reply.id;
}

void tell_rating(Transaction& tx, std::string_view type, const Rating& rating, domain::TicketId ticket, Instant now)
{
    nlohmann::json data{{"rating", rating.id}};
    if (rating.reply) data["reply"] = rating.reply->value;
    if (rating.score) data["score"] = *rating.score;
    if (!rating.why.empty()) data["why"] = rating.why;
    tell(tx, type, now, ticket, nullptr, data);
}

} // namespace

void plan_rating(Transaction& tx, const Settings& settings, const Ticket& ticket, domain::AgentId solver, Instant now)
{
    const BrandSettings* brand = settings.brand(ticket.brand);
    if (!brand || !brand->rating.ask) return;
    const auto earlier = storage::last_rating_of(tx, ticket.id);
    if (earlier && earlier->state != State::not_asked) return;
    Rating rating;
    rating.ticket = ticket.id;
    rating.brand = ticket.brand;
    // A public ticket may have gone on in private: the person is asked there.
    rating.channel = ticket.channel;
    rating.identity = ticket.identity;
    rating.agent = solver;
    rating.ask_at = now + brand->rating.ask_after;
    storage::insert_rating(tx, rating);
    note_alarm(settings, rating.ask_at);
}

std::size_t ask_due_ratings(Transaction& tx, const Settings& settings, Instant now)
{
    std::size_t asked = 0;
    for (Rating& rating : storage::due_ratings(tx, now, most_at_once)) {
        const auto ticket = storage::find_ticket(tx, rating.ticket);
        auto [message, why_not] = way_to(tx, settings, rating, ticket, now);
        if (message) {
            rating.state = State::asked;
            rating.asked_at = now;
            rating.until = now + settings.brand(rating.brand)->rating.answer_within;
            rating.reply = put_question(tx, settings, rating, *ticket, *message, now);
            ++asked;
        } else {
            rating.state = State::not_asked;
            rating.why = std::move(why_not);
        }
        storage::save_rating(tx, rating);
        tell_rating(tx, rating.state == State::asked ? "rating.asked" : "rating.not_asked", rating, rating.ticket, now);
    }
    return asked;
}

std::optional<domain::TicketId> read_rating(Transaction& tx, const domain::Message& message, Instant now)
{
    auto rating = storage::asked_rating(tx, message.channel, *message.identity);
    if (!rating || message.at + clock_slack < rating->asked_at.value_or(now)) return std::nullopt;
    const auto score = message.at <= rating->until.value_or(message.at) ? domain::rating_in(message.text) : std::nullopt;
    if (!score) {
        rating->state = State::passed;
        storage::save_rating(tx, *rating);
        return std::nullopt;
    }
    rating->state = State::given;
    rating->score = *score;
    rating->message = message.id;
    rating->given_at = now;
    storage::save_rating(tx, *rating);
    const auto ticket = where_it_is_now(tx, rating->ticket);
    tell_rating(tx, "rating.given", *rating, ticket, now);
    return ticket;
}

} // namespace sportello::engine
