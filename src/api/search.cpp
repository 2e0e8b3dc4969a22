// Full-text search over messages, replies, notes, subjects and customers.
#include "context.hpp"
#include "query.hpp"
#include "search_json.hpp"

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::SearchKind;
using storage::Transaction;

std::vector<SearchKind> read_kinds(Query& query)
{
    std::vector<SearchKind> kinds;
    const auto text = query.text("kind");
    if (!text) return kinds;
    for (auto rest = *text;;) {
        const auto comma = rest.find(',');
        const auto word = rest.substr(0, comma);
        bool known = false;
        for (const SearchKind kind : storage::search_kinds) {
            const auto name = kind == SearchKind::person ? std::string_view("customer") : storage::to_string(kind);
            if (word != name) continue;
            kinds.push_back(kind);
            known = true;
        }
        if (!known) query.wrong("kind", "message, reply, note, subject or customer, separated by commas, expected");
        if (!known || comma == std::string_view::npos) return kinds;
        rest.remove_prefix(comma + 1);
    }
}

/// GET /v1/search
awaitable<Answer> search(Context& context, Call& call)
{
    Query query(call.request.query);
    TicketListRequest request;
    request.filter = read_ticket_filter(query, *call.caller, context.engine.settings(), context.clock.now());
    request.search = read_search_words(query);
    if (!request.search) query.wrong("q", "what to look for is expected");
    auto kinds = read_kinds(query);
    request.limit = query.limit();
    request.after_hit = read_search_cursor(query);
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        return found_documents_json(tx, context.engine.settings(), actor, request, kinds);
    };
    auto page = co_await context.db.read(read);
    if (!page) co_return page.error();
    co_return json_response(200, std::move(*page));
}

} // namespace

std::span<const Route> search_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/search", Access::agent, search},
    };
    return routes;
}

} // namespace sportello::api
