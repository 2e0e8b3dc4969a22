#include "ticket_walk.hpp"

#include "query.hpp"
#include "ticket_json.hpp"

#include <sportello/storage/ticket_changes.hpp>

namespace sportello::api {
namespace {

using storage::TicketCursor;
using storage::TicketSort;
using storage::Transaction;

std::string_view word_of(TicketSort sort)
{
    return sort == TicketSort::due ? "due" : "updated";
}

std::string write_walk(const TicketWalk& walk)
{
    const auto place = [](const std::optional<TicketCursor>& cursor) { return cursor.value_or(TicketCursor()); };
    const auto after = place(walk.after);
    const auto newest = place(walk.newest);
    const auto since = place(walk.since);
    return write_cursor(word_of(TicketSort::updated), {after.key, after.id, newest.key, newest.id, since.key, since.id});
}

/// Whether something in the list changed since the round began; it would stand before everything shown.
bool has_changed(Transaction& tx, const TicketListRequest& request, const TicketCursor& newest)
{
    bool found = false;
    const storage::TicketListScope scope{.since = newest, .incident = request.incident};
    storage::for_each_ticket_row_within(tx, request.filter, scope, std::nullopt, 1, [&](const storage::TicketRow&) { found = true; });
    return found;
}

/// The cursor behind a page; empty at the end.
std::string next_cursor(Transaction& tx, const TicketListRequest& request, const TicketWalk& shown, bool more)
{
    const auto sort = request.filter.sort;
    if (sort == TicketSort::due) return more ? write_cursor(word_of(sort), {shown.after->key, shown.after->id}) : "";
    if (more) return write_walk(shown);
    const bool moved = shown.newest && has_changed(tx, request, *shown.newest);
    return moved ? write_walk({.after = std::nullopt, .newest = std::nullopt, .since = shown.newest}) : "";
}

} // namespace

std::optional<TicketWalk> read_walk(std::string_view text, TicketSort sort)
{
    if (sort == TicketSort::due) {
        const auto numbers = read_cursor(text, word_of(sort), 2);
        if (!numbers) return std::nullopt;
        return TicketWalk{.after = TicketCursor{(*numbers)[0], (*numbers)[1]}, .newest = std::nullopt, .since = std::nullopt};
    }
    const auto numbers = read_cursor(text, word_of(sort), 6);
    if (!numbers) return std::nullopt;
    const auto place = [&](std::size_t at) {
        const TicketCursor cursor{(*numbers)[at], (*numbers)[at + 1]};
        return cursor.id == 0 ? std::nullopt : std::optional(cursor);
    };
    return TicketWalk{.after = place(0), .newest = place(2), .since = place(4)};
}

std::string ticket_page_json(Transaction& tx, const TicketListRequest& request, const engine::Settings& settings, base::Instant now)
{
    const auto limit = request.limit;
    std::string page;
    page.reserve(static_cast<std::size_t>(limit) * 800 + 64);
    JsonWriter json(page);
    json.open_object().key("items").open_array();
    std::int64_t count = 0;
    TicketWalk shown = request.walk;
    const storage::TicketListScope scope{.since = request.walk.since, .incident = request.incident};
    // One row more than asked tells whether there is a next page.
    storage::for_each_ticket_row_within(tx, request.filter, scope, request.walk.after, limit + 1, [&](const storage::TicketRow& row) {
        if (++count > limit) return;
        write_ticket_summary(json, row, settings, now);
        shown.after = row.cursor;
        if (!shown.newest) shown.newest = row.cursor;
    });
    const auto next = next_cursor(tx, request, shown, count > limit);
    json.close_array().text_or_null("next_cursor", next).close_object();
    return page;
}

} // namespace sportello::api
