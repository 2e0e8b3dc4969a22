#include "search_json.hpp"

#include "json_writer.hpp"
#include "shielded.hpp"
#include "ticket_json.hpp"

#include <sportello/storage/agents.hpp>
#include <sportello/storage/incidents.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/notes.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/ticket_filter.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

using engine::SearchResult;
using storage::SearchKind;
using storage::Transaction;

/// A found text, as this reader may see it.
struct Shown {
    std::string text;
    std::string author;
    std::string visibility; ///< empty: internal
    base::Instant at{};
};

std::string name_of(Transaction& tx, domain::AgentId id)
{
    const auto agent = storage::find_agent(tx, id);
    return agent ? agent->name : std::string();
}

std::optional<Shown> show(Transaction& tx, const engine::Settings& settings, const engine::Actor& actor, const domain::Ticket& ticket,
                          const SearchResult& found)
{
    const Shielded shielded(tx, settings, actor, ticket);
    Shown shown;
    shown.at = found.at;
    if (found.kind == SearchKind::message) {
        const auto message = storage::find_message(tx, domain::MessageId{found.reference});
        if (!message) return std::nullopt;
        const bool is_public = message->visibility == domain::Visibility::public_;
        shown.text = shielded.plain(message->text, is_public);
        shown.author = message->author_name;
        shown.visibility = to_string(message->visibility);
    } else if (found.kind == SearchKind::reply) {
        const auto reply = storage::find_reply(tx, domain::ReplyId{found.reference});
        if (!reply) return std::nullopt;
        shown.text = shielded.plain(reply->text, reply->visibility == domain::Visibility::public_, reply->author);
        shown.author = name_of(tx, reply->author);
        shown.visibility = to_string(reply->visibility);
    } else if (found.kind == SearchKind::note) {
        const auto note = storage::find_note(tx, domain::NoteId{found.reference});
        if (!note) return std::nullopt;
        shown.text = shielded.plain(note->text, false, note->agent);
        shown.author = name_of(tx, note->agent);
    } else {
        shown.text = shielded.plain(ticket.subject, true);
    }
    return shown;
}

void write_snippet(JsonWriter& json, std::string_view text, const domain::SearchQuery& query)
{
    const auto snippet = domain::search_snippet(text, query);
    json.member("text", snippet.text).key("marks").open_array();
    for (const auto& mark : snippet.marks) json.open_object().member("at", mark.at).member("length", mark.length).close_object();
    json.close_array();
}

/// The members that a found text has in both lists. @return false when it is gone.
bool write_match(JsonWriter& json, Transaction& tx, const engine::Settings& settings, const engine::Actor& actor,
                 const domain::Ticket& ticket, const SearchResult& found, const domain::SearchQuery& query)
{
    const auto shown = show(tx, settings, actor, ticket, found);
    if (!shown) return false;
    json.member("kind", storage::to_string(found.kind))
        .member("id", found.reference)
        .member("at", shown->at)
        .text_or_null("author", shown->author)
        .text_or_null("visibility", shown->visibility);
    write_snippet(json, shown->text, query);
    return true;
}

engine::SearchRequest search_request(Transaction& tx, const engine::Settings& settings, const TicketListRequest& request,
                                     std::vector<SearchKind> kinds)
{
    engine::SearchRequest search;
    search.query = engine::read_search(settings, request.search->text);
    search.kinds = std::move(kinds);
    search.filter = request.filter;
    search.incident = request.incident;
    search.from = request.search->from;
    search.until = request.search->until;
    search.horizon = request.after_hit ? request.after_hit->horizon : engine::search_horizon(tx);
    return search;
}

/// The items of one page, from `begin`; and what is said of the next one.
struct SearchPage {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool more = false;
};
SearchPage page_of(std::size_t count, const TicketListRequest& request)
{
    const auto offset = static_cast<std::size_t>(request.after_hit ? request.after_hit->offset : 0);
    SearchPage page;
    page.begin = std::min(offset, count);
    page.end = std::min(page.begin + static_cast<std::size_t>(request.limit), count);
    page.more = page.end < count;
    return page;
}

void close_page(JsonWriter& json, const SearchPage& page, const engine::SearchHorizon& horizon)
{
    json.close_array().key("next_cursor");
    if (page.more) json.value(write_search_cursor(horizon, static_cast<std::int64_t>(page.end)));
    else json.value(nullptr);
    json.close_object();
}

void write_customer(JsonWriter& json, Transaction& tx, const engine::Settings& settings, const SearchResult& found,
                    const domain::SearchQuery& query)
{
    const auto customer = storage::find_customer(tx, domain::CustomerId{found.customer});
    if (!customer) return;
    std::string names = customer->name;
    for (const auto& identity : storage::identities_of(tx, customer->id)) {
        if (!identity.name.empty() && identity.name != customer->name) names += ", " + identity.name;
        if (!identity.handle.empty()) names += " @" + identity.handle;
    }
    json.open_object()
        .member("kind", "customer")
        .member("id", found.customer)
        .member("ticket", nullptr)
        .member("customer", found.customer)
        .member("brand", nullptr)
        .member("channel", nullptr)
        .member("at", found.at)
        .text_or_null("author", customer->name)
        .member("visibility", nullptr);
    write_snippet(json, settings.personal_data.masked(names), query);
    json.close_object();
}

} // namespace

std::string found_tickets_json(Transaction& tx, const engine::Settings& settings, const engine::Actor& actor,
                               const TicketListRequest& request, base::Instant now)
{
    const auto search = search_request(tx, settings, request, {});
    auto found = engine::search_tickets(tx, settings, actor, search, request.search->sort);
    if (const auto named = engine::ticket_named(request.search->text)) { // #1042
        const auto ticket = storage::find_ticket(tx, *named);
        bool shown = ticket && engine::may_see_ticket(tx, *ticket, actor);
        if (shown) storage::with_ticket_facts(tx, *named, [&](const auto& facts) { shown = storage::is_shown(search.filter, facts); });
        if (shown && search.incident) {
            const auto member = storage::membership_of(tx, *named);
            shown = member && member->incident == *search.incident;
        }
        if (shown) {
            std::erase_if(found, [&](const SearchResult& one) { return one.ticket == named; });
            found.insert(found.begin(), {SearchKind::subject, named->value, named, 0, ticket->created_at, 0});
        }
    }
    const SearchPage page = page_of(found.size(), request);
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (std::size_t i = page.begin; i < page.end; ++i) {
        const auto ticket = storage::find_ticket(tx, *found[i].ticket);
        if (!ticket || !engine::may_see_ticket(tx, *ticket, actor)) continue;
        std::string match;
        JsonWriter match_json(match);
        match_json.open_object();
        if (!write_match(match_json, tx, settings, actor, *ticket, found[i], search.query)) continue;
        match_json.close_object();
        std::string line;
        JsonWriter line_json(line);
        storage::with_ticket_row(tx, ticket->id, [&](const auto& row) { write_ticket_summary(line_json, row, settings, now); });
        line.pop_back(); // one member more
        json.raw(line.append(",\"match\":").append(match).append("}"));
    }
    close_page(json, page, search.horizon);
    return body;
}

std::string found_documents_json(Transaction& tx, const engine::Settings& settings, const engine::Actor& actor,
                                 const TicketListRequest& request, std::vector<SearchKind> kinds)
{
    const auto search = search_request(tx, settings, request, std::move(kinds));
    const auto found = engine::search_documents(tx, settings, actor, search);
    const SearchPage page = page_of(found.size(), request);
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (std::size_t i = page.begin; i < page.end; ++i) {
        if (found[i].kind == SearchKind::person) {
            write_customer(json, tx, settings, found[i], search.query);
            continue;
        }
        const auto ticket = storage::find_ticket(tx, *found[i].ticket);
        if (!ticket || !engine::may_see_ticket(tx, *ticket, actor)) continue;
        std::string item;
        JsonWriter item_json(item);
        item_json.open_object();
        if (!write_match(item_json, tx, settings, actor, *ticket, found[i], search.query)) continue;
        item_json.member("ticket", ticket->id.value)
            .member("customer", ticket->customer.value)
            .member("brand", ticket->brand)
            .member("channel", ticket->channel)
            .close_object();
        json.raw(item);
    }
    close_page(json, page, search.horizon);
    return body;
}

} // namespace sportello::api
