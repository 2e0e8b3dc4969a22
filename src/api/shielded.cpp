#include "shielded.hpp"

#include <sportello/base/text.hpp>
#include <sportello/engine/shield.hpp>
#include <sportello/storage/personal_data.hpp>

namespace sportello::api {

Shielded::Shielded(storage::Transaction& tx, const engine::Settings& settings, const engine::Actor& actor, const domain::Ticket& ticket)
    : settings_(settings), reader_(actor.id), may_see_(engine::may_see_personal_data(actor, ticket)),
      released_(storage::released_personal_data(tx, ticket.id))
{
}

Shielded::Text Shielded::show(std::string_view text, bool is_public, std::optional<domain::AgentId> author) const
{
    const auto found = settings_.personal_data.find(text);
    Text shown;
    if (found.empty()) {
        shown.text = text;
        return shown;
    }
    const bool plain = !is_public && sees_private(author);
    std::size_t from = 0;
    std::size_t points = 0; // of what is shown so far
    const auto add = [&](std::string_view piece) {
        shown.text += piece;
        const std::size_t length = base::count_code_points(piece);
        points += length;
        return length;
    };
    for (std::size_t i = 0; i < found.size(); ++i) {
        const domain::PersonalData& data = found[i];
        (void)add(text.substr(from, data.begin - from));
        Span span{.number = i + 1, .kind = data.kind, .at = points};
        span.released = released_.contains(engine::digest_of(data));
        span.masked = !plain && !span.released;
        span.length = add(span.masked ? domain::mask_sign : text.substr(data.begin, data.end - data.begin));
        shown.spans.push_back(span);
        from = data.end;
    }
    (void)add(text.substr(from));
    return shown;
}

std::string Shielded::plain(std::string_view text, bool is_public, std::optional<domain::AgentId> author) const
{
    return show(text, is_public, author).text;
}

void write_spans(JsonWriter& json, const std::vector<Shielded::Span>& spans)
{
    json.open_array();
    for (const Shielded::Span& span : spans) {
        json.open_object()
            .member("number", span.number)
            .member("kind", to_string(span.kind))
            .member("at", span.at)
            .member("length", span.length)
            .member("masked", span.masked)
            .member("released", span.released)
            .close_object();
    }
    json.close_array();
}

} // namespace sportello::api
