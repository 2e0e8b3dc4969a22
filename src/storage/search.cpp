#include <sportello/storage/search.hpp>

#include <sportello/storage/triage.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <limits>

namespace sportello::storage {
namespace {

const Statement messages_upto{"SELECT id FROM message WHERE id <= $1 ORDER BY id DESC LIMIT $2"};
const Statement replies_upto{"SELECT id FROM reply WHERE id <= $1 ORDER BY id DESC LIMIT $2"};
const Statement notes_upto{"SELECT id FROM note WHERE id <= $1 ORDER BY id DESC LIMIT $2"};
const Statement subjects_upto{"SELECT ticket_id FROM ticket_subject WHERE ticket_id <= $1 ORDER BY ticket_id DESC LIMIT $2"};
const Statement persons_upto{"SELECT id FROM identity WHERE id <= $1 ORDER BY id DESC LIMIT $2"};

const Statement messages_of_ticket{"SELECT id FROM message WHERE ticket_id = $1"};
const Statement replies_of_ticket_ids{"SELECT id FROM reply WHERE ticket_id = $1"};
const Statement notes_of_ticket{"SELECT id FROM note WHERE ticket_id = $1"};
const Statement messages_of_identity{"SELECT id FROM message WHERE identity_id = $1"};

void drop_all(Transaction& tx, SearchKind kind, std::string_view which, std::int64_t of)
{
    for (const std::int64_t id : tx.all(which, first_number, of)) drop_search_document(tx, kind, id);
}

std::string_view rows_of(SearchKind kind)
{
    switch (kind) {
    case SearchKind::message:
        return messages_upto;
    case SearchKind::reply:
        return replies_upto;
    case SearchKind::note:
        return notes_upto;
    case SearchKind::subject:
        return subjects_upto;
    case SearchKind::person:
        break;
    }
    return persons_upto;
}

std::string reader_of(SearchKind kind)
{
    return "search." + std::string(to_string(kind));
}

/// Terms hold no sign but '_' and '-' (domain/search.hpp), so neither engine's quotes can be in them.
std::string any_of(const std::vector<domain::SearchTerm>& terms, std::string_view between, char quote, std::string_view prefix)
{
    std::string text = "(";
    for (const domain::SearchTerm& term : terms) {
        if (text.size() > 1) text += between;
        text += quote;
        for (const char c : term.text) {
            if (c != quote && c != '\\') text += c;
        }
        text += quote;
        if (term.prefix) text += prefix;
    }
    return text + ")";
}

} // namespace

std::string_view to_string(SearchKind value)
{
    switch (value) {
    case SearchKind::message:
        return "message";
    case SearchKind::reply:
        return "reply";
    case SearchKind::note:
        return "note";
    case SearchKind::subject:
        return "subject";
    case SearchKind::person:
        break;
    }
    return "person";
}

std::string fts5_query(const domain::SearchMatch& match)
{
    std::string all;
    for (const auto& any : match.all) all += (all.empty() ? "" : " AND ") + any_of(any, " OR ", '"', " *");
    return match.none.empty() ? all : "(" + all + ") NOT " + any_of(match.none, " OR ", '"', " *");
}

std::string tsquery(const domain::SearchMatch& match)
{
    std::string all;
    for (const auto& any : match.all) all += (all.empty() ? "" : " & ") + any_of(any, " | ", '\'', ":*");
    return match.none.empty() ? all : all + " & !" + any_of(match.none, " | ", '\'', ":*");
}

std::optional<std::int64_t> search_backlog(Transaction& tx, SearchKind kind)
{
    return reader_place(tx, reader_of(kind));
}

void set_search_backlog(Transaction& tx, SearchKind kind, std::optional<std::int64_t> upto)
{
    if (upto) move_reader(tx, reader_of(kind), *upto);
    else forget_reader(tx, reader_of(kind));
}

void drop_search_documents_of(Transaction& tx, domain::TicketId ticket)
{
    drop_all(tx, SearchKind::message, messages_of_ticket, ticket.value);
    drop_all(tx, SearchKind::reply, replies_of_ticket_ids, ticket.value);
    drop_all(tx, SearchKind::note, notes_of_ticket, ticket.value);
    drop_search_document(tx, SearchKind::subject, ticket.value);
}

void drop_search_documents_of(Transaction& tx, domain::IdentityId identity)
{
    drop_all(tx, SearchKind::message, messages_of_identity, identity.value);
    drop_search_document(tx, SearchKind::person, identity.value);
}

std::optional<std::int64_t> untidy_search_index(Transaction& tx)
{
    return reader_place(tx, "search.tidy");
}

void note_search_index_tidy(Transaction& tx, std::int64_t untidy)
{
    if (reader_place(tx, "search.tidy") == untidy) forget_reader(tx, "search.tidy");
}

std::int64_t last_search_reference(Transaction& tx, SearchKind kind)
{
    const auto last = rows_to_index(tx, kind, std::numeric_limits<std::int64_t>::max(), 1);
    return last.empty() ? 0 : last.front();
}

std::vector<std::int64_t> rows_to_index(Transaction& tx, SearchKind kind, std::int64_t upto, std::int64_t limit)
{
    return tx.all(rows_of(kind), first_number, upto, limit);
}

} // namespace sportello::storage
