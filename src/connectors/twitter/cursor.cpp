#include "cursor.hpp"

#include "../json.hpp"

namespace sportello::connectors::twitter {
namespace {

FeedMark read_mark(const Json& value)
{
    FeedMark mark;
    mark.since = id_of(member(value, "since"));
    mark.floor = id_of(member(value, "floor"));
    mark.newest = id_of(member(value, "newest"));
    mark.token = id_of(member(value, "token"));
    mark.pages = integer_of(member(value, "pages")).value_or(0);
    mark.whole_at = base::from_micros(integer_of(member(value, "whole_at")).value_or(0));
    return mark;
}

Json write_mark(const FeedMark& mark)
{
    return Json{{"since", mark.since}, {"floor", mark.floor}, {"newest", mark.newest},
                {"token", mark.token}, {"pages", mark.pages}, {"whole_at", base::to_micros(mark.whole_at)}};
}

} // namespace

Cursor read_cursor(const std::string& text)
{
    Cursor cursor;
    const auto value = parse_json(text);
    if (!value) return cursor;
    cursor.step = static_cast<std::uint64_t>(integer_of(member(*value, "step")).value_or(0));
    cursor.self = id_of(member(*value, "self"));
    cursor.fingerprint = id_of(member(*value, "fingerprint"));
    cursor.mentions = read_mark(member(*value, "mentions"));
    cursor.posts = read_mark(member(*value, "posts"));
    cursor.messages = read_mark(member(*value, "messages"));
    cursor.search = read_mark(member(*value, "search"));
    return cursor;
}

std::string write_cursor(const Cursor& cursor)
{
    const Json value{{"step", cursor.step},
                     {"self", cursor.self},
                     {"fingerprint", cursor.fingerprint},
                     {"mentions", write_mark(cursor.mentions)},
                     {"posts", write_mark(cursor.posts)},
                     {"messages", write_mark(cursor.messages)},
                     {"search", write_mark(cursor.search)}};
    return value.dump();
}

} // namespace sportello::connectors::twitter
