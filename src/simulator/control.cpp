#include "control.hpp"

#include "control_body.hpp"
#include "x_failures.hpp"

#include <sportello/base/text.hpp>

#include <nlohmann/json.hpp>

#include <set>

namespace sportello::simulator {
using base::Error;
using base::ErrorKind;
using base::FieldError;
using base::Result;
using nlohmann::json;
using nlohmann::ordered_json;
namespace {

http::Response answer(int status, const ordered_json& body)
{
    auto response = http::Response::json(status, body.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

int status_of(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::not_found:
        return 404;
    case ErrorKind::conflict:
        return 409;
    default:
        return 422;
    }
}

http::Response problem(int status, const std::string& title, const std::vector<FieldError>& fields = {})
{
    ordered_json body{{"type", "about:blank"}, {"title", title}, {"status", status}};
    for (const auto& field : fields) { body["errors"].push_back({{"pointer", field.pointer}, {"detail", field.detail}}); }
    auto response = answer(status, body);
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

http::Response problem(const Error& error)
{
    return problem(status_of(error.kind()), error.what(), error.fields());
}

constexpr const char* platform_words = "facebook or twitter";
constexpr const char* kind_words = "post, comment, mention or direct_message";
constexpr const char* endpoint_words = "comment, reply, direct_message, read or token";
constexpr const char* fault_words = "delay, 429, 401, 5xx, cut_before, cut_after, lost_answer, error, html or garbled";
/// What a Page's token can be given (Facebook's own names).
const std::set<std::string> permissions{"pages_show_list",    "pages_read_engagement", "pages_read_user_content", "pages_manage_engagement",
                                        "pages_manage_posts", "pages_manage_metadata", "pages_messaging"};

ordered_json render_truth(const World& world, const Item& item)
{
    ordered_json ids = ordered_json::array();
    for (const auto& version : item.versions) ids.push_back(version.id);
    ordered_json out{{"id", item.id}, {"ids", ids}, {"platform", to_string(item.platform)}};
    out["account"] = world.accounts()[item.account].account;
    out["kind"] = to_string(item.kind);
    out["author"] = item.author;
    out["author_id"] = item.author_id;
    out["own"] = item.own;
    out["text"] = item.now().text;
    out["in_reply_to"] = item.in_reply_to.empty() ? ordered_json() : ordered_json(item.in_reply_to);
    out["conversation"] = item.conversation;
    out["at"] = base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(item.at)); // as the platforms tell it
    out["edited"] = item.edited();
    out["deleted"] = item.deleted;
    if (item.platform == Platform::facebook) {
        out["hidden"] = item.hidden;
        out["liked"] = item.liked;
        if (!item.metadata.empty()) out["metadata"] = item.metadata;
    }
    for (const auto& media : item.media) out["attachments"].push_back({{"type", media.type}, {"url", media.url}, {"name", media.name}});
    return out;
}

} // namespace

http::Response Control::serve(const http::Request& request)
{
    using enum http::Method;
    const auto path = std::string_view(request.path).substr(std::string_view("/control/").size());
    const auto is = [&](http::Method method, std::string_view wanted) { return request.method == method && path == wanted; };
    if (is(post, "posts")) return add_post(request);
    if (is(get, "truth")) return truth(request);
    if (is(post, "faults")) return add_fault(request);
    if (is(del, "faults")) {
        house_.faults.clear();
        return http::Response::empty();
    }
    if (is(post, "tokens")) return set_token(request);
    if (is(post, "permissions")) return set_permissions(request);
    if (is(post, "quirks")) return set_quirks(request);
    if (is(post, "x")) return set_x(request);
    if (is(get, "x")) return answer(200, {{"spent", house_.x.spent}});
    if (path == "clock") return turn_clock(request);
    if (path == "webhooks") return webhooks(request);
    if (is(get, "accounts")) return list_accounts();
    if (is(get, "status")) return answer(200, {{"played", progress_().played}, {"total", progress_().total}});
    if (path.starts_with("posts/")) return change_post(request, std::string(path.substr(std::string_view("posts/").size())));
    return problem(404, "the control API has no " + std::string(http::to_string(request.method)) + " " + request.path);
}

http::Response Control::add_post(const http::Request& request)
{
    ControlBody body(request,
                     {"platform", "account", "kind", "author", "text", "in_reply_to", "at", "undisclosed", "tagged", "attachments"});
    NewItem item;
    item.platform = body.word("platform", parse_platform, platform_words);
    item.kind = body.word("kind", parse_kind, kind_words);
    item.account = body.text("account", true);
    item.author = body.text("author", true);
    item.media = body.media();
    item.text = body.text("text", item.media.empty());
    item.in_reply_to = body.text("in_reply_to", false);
    item.undisclosed = body.flag("undisclosed", false);
    item.tagged = body.flag("tagged", false);
    if (const auto written = body.text("at", false); !written.empty()) {
        const auto at = base::parse_rfc3339(written);
        if (at) {
            item.at = *at;
        } else {
            body.fail("/at", "a time as RFC 3339 has it");
        }
    }
    if (!body.errors().empty()) return problem(422, "the post cannot be written", body.errors());
    const auto id = house_.world.write(item, house_.clock.now());
    if (!id) return problem(id.error());
    return answer(201, {{"id", *id}});
}

http::Response Control::change_post(const http::Request& request, const std::string& id)
{
    if (request.method == http::Method::del) {
        const auto done = house_.world.erase(id, house_.clock.now());
        return done ? http::Response::empty() : problem(done.error());
    }
    if (request.method != http::Method::patch) return problem(405, "a post is changed with PATCH and removed with DELETE");
    ControlBody body(request, {"text", "hidden"});
    const auto hidden = body.maybe_flag("hidden");
    const auto text = body.text("text", !hidden);
    if (!body.errors().empty()) return problem(422, "the post cannot be changed", body.errors());
    if (hidden) {
        const auto done = house_.world.mark(id, World::Mark::hidden, *hidden);
        if (!done) return problem(done.error());
    }
    if (text.empty()) return answer(200, {{"id", id}});
    const auto next = house_.world.edit(id, text, house_.clock.now());
    return next ? answer(200, {{"id", *next}}) : problem(next.error());
}

http::Response Control::truth(const http::Request& request) const
{
    const auto platform_word = request.query.find("platform");
    const auto account = request.query.find("account");
    const auto platform = platform_word ? parse_platform(*platform_word) : std::nullopt;
    if (platform_word && !platform) return problem(422, "no such platform", {{"query:platform", platform_words}});
    if (account && platform && !house_.world.find_account(*platform, *account)) {
        return problem(404, "no such account", {{"query:account", "an account that the simulator serves"}});
    }
    ordered_json items = ordered_json::array();
    for (const auto& item : house_.world.items()) {
        if (platform && item.platform != *platform) continue;
        if (account && house_.world.find_account(item.platform, *account) != item.account) continue;
        items.push_back(render_truth(house_.world, item));
    }
    return answer(200, {{"items", std::move(items)}});
}

http::Response Control::add_fault(const http::Request& request)
{
    ControlBody body(
        request, {"platform", "account", "endpoint", "kind", "count", "share", "delay_ms", "retry_after_s", "code", "subcode", "effect"});
    Fault fault;
    fault.platform = body.word("platform", parse_platform, platform_words);
    fault.endpoint = body.word("endpoint", parse_endpoint, endpoint_words);
    fault.kind = body.word("kind", parse_fault_kind, fault_words);
    fault.account = body.text("account", false);
    if (const auto count = body.number("count", 1, 1e6)) fault.count = static_cast<int>(*count);
    fault.share = body.number("share", 0, 1);
    if (const auto delay = body.number("delay_ms", 0, 3.6e6)) fault.delay = std::chrono::milliseconds(static_cast<int>(*delay));
    if (const auto wait = body.number("retry_after_s", 0, 1e8)) fault.retry_after = std::chrono::seconds(static_cast<int>(*wait));
    if (const auto code = body.number("code", 1, 1e9)) fault.code = static_cast<int>(*code);
    if (const auto subcode = body.number("subcode", 0, 1e9)) fault.subcode = static_cast<int>(*subcode);
    fault.effect = body.flag("effect", false);
    const bool known = fault.platform == Platform::facebook ? fault.code != 0 : x_failure_of(fault.code).has_value();
    if (fault.kind == FaultKind::error && !known) { body.fail("/code", "for the kind error a code of the platform's catalogue"); }
    if (!body.errors().empty()) return problem(422, "the fault cannot be set", body.errors());
    if (!fault.account.empty()) {
        const auto account = house_.world.find_account(fault.platform, fault.account);
        if (!account) return problem(404, "no such account", {{"/account", "an account that the simulator serves"}});
        fault.account = house_.world.accounts()[*account].account;
    }
    return answer(201, {{"id", house_.faults.add(std::move(fault))}});
}

http::Response Control::set_token(const http::Request& request)
{
    ControlBody body(request, {"platform", "account", "token", "valid", "subcode", "expires_in_s"});
    const auto platform = body.word("platform", parse_platform, platform_words);
    auto token = body.text("token", false);
    const auto account = body.text("account", token.empty());
    const auto subcode = body.number("subcode", 1, 1e9);
    const auto life = body.number("expires_in_s", 0, 1e9);
    const auto valid = body.maybe_flag("valid").value_or(!subcode);
    if (!valid && life) body.fail("/expires_in_s", "only for a token that holds until then");
    if (platform != Platform::facebook && (subcode || life || !token.empty())) body.fail("/platform", "facebook, for this");
    if (!body.errors().empty()) return problem(422, "the token cannot be set", body.errors());
    if (token.empty()) {
        const auto done = house_.world.set_token_valid(platform, account, valid);
        if (!done) return problem(done.error());
        if (platform != Platform::facebook) return http::Response::empty();
        token = access_token(house_.world.accounts()[*house_.world.find_account(platform, account)]);
        house_.book.forget(token);
    }
    auto known = house_.book.find(token);
    if (!known) return problem(404, "no such token", {{"/token", "one that the simulator issued"}});
    if (valid && !life) known->dead_subcode = 0;
    if (!valid) known->dead_subcode = static_cast<int>(subcode.value_or(460));
    if (life) known->ends = house_.clock.now() + std::chrono::seconds(static_cast<std::int64_t>(*life));
    if (subcode || life || body.text("account", false).empty()) house_.book.put(token, *known);
    return http::Response::empty();
}

http::Response Control::set_permissions(const http::Request& request)
{
    ControlBody body(request, {"account", "withheld"});
    const auto account = body.text("account", true);
    const auto withheld = body.words("withheld", permissions);
    if (!body.errors().empty()) return problem(422, "the permissions cannot be set", body.errors());
    const auto done = house_.world.withhold(account, withheld);
    return done ? http::Response::empty() : problem(done.error());
}

http::Response Control::set_quirks(const http::Request& request)
{
    ControlBody body(request, {"account", "late_visible_s", "repeated_pages", "empty_pages", "time_paging", "heavy_above",
                               "ranked_comments", "usage_percent", "app_usage_percent"});
    GraphQuirks quirks;
    const auto account = body.text("account", true);
    const auto whole = [&](const char* name, double most) { return static_cast<int>(body.number(name, 0, most).value_or(0)); };
    quirks.late_visible = std::chrono::seconds(whole("late_visible_s", 86'400));
    quirks.repeated_pages = body.flag("repeated_pages", false);
    quirks.empty_pages = body.flag("empty_pages", false);
    quirks.time_paging = body.flag("time_paging", false);
    quirks.ranked_comments = body.flag("ranked_comments", false);
    quirks.heavy_above = whole("heavy_above", 100);
    quirks.usage_percent = whole("usage_percent", 100);
    quirks.app_usage_percent = whole("app_usage_percent", 100);
    if (!body.errors().empty()) return problem(422, "the quirks cannot be set", body.errors());
    const auto page = house_.world.find_account(Platform::facebook, account);
    if (!page) return problem(404, "no such Page", {{"/account", "a Page that the simulator serves"}});
    house_.quirks[*page] = quirks;
    return http::Response::empty();
}

http::Response Control::set_x(const http::Request& request)
{
    ControlBody body(request, {"auto_grant", "reply_rule", "ignore_unknown_fields", "credits", "late_visible_s", "repeated_pages",
                               "empty_pages", "suspended"});
    const auto rule = body.text("reply_rule", false);
    if (!rule.empty() && rule != "none" && rule != "mentioned") body.fail("/reply_rule", "none or mentioned");
    const auto handle_of = [&](const char* name) {
        auto handle = body.text(name, false);
        if (!handle.empty() && !house_.world.find_account(Platform::twitter, handle))
            body.fail(std::string("/") + name, "an X account that the simulator serves");
        return handle;
    };
    XSettings settings;
    settings.auto_grant = handle_of("auto_grant");
    settings.ignore_unknown_fields = body.flag("ignore_unknown_fields", false);
    settings.credits = body.number("credits", 0, 1e9);
    settings.late_visible = std::chrono::seconds(static_cast<int>(body.number("late_visible_s", 0, 86'400).value_or(0)));
    settings.repeated_pages = body.flag("repeated_pages", false);
    settings.empty_pages = body.flag("empty_pages", false);
    if (auto handle = handle_of("suspended"); !handle.empty()) settings.suspended.insert(std::move(handle));
    if (!body.errors().empty()) return problem(422, "X cannot be set", body.errors());
    settings.media = std::move(house_.x.media);
    settings.groups = std::move(house_.x.groups);
    settings.spent = house_.x.spent;
    house_.x = std::move(settings);
    house_.options.reply_rule = rule == "mentioned" ? ReplyRule::mentioned : ReplyRule::none;
    return http::Response::empty();
}

http::Response Control::turn_clock(const http::Request& request)
{
    if (request.method == http::Method::post) {
        ControlBody body(request, {"advance_s"});
        const auto seconds = body.number("advance_s", 0, 3.2e8);
        if (!seconds) body.fail("/advance_s", "is required");
        if (!body.errors().empty()) return problem(422, "the clock cannot be turned", body.errors());
        house_.clock.advance(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds)));
        house_.world.keep(clock_key, std::to_string(house_.clock.shift().count()));
    } else if (request.method != http::Method::get) {
        return problem(405, "the clock is read with GET and turned with POST");
    }
    return answer(200, {{"now", base::to_rfc3339(house_.clock.now())}});
}

http::Response Control::webhooks(const http::Request& request)
{
    if (request.method == http::Method::post) {
        ControlBody body(request, {"platform", "duplicates", "reorder", "delay_s", "together", "drop", "forge", "deadline_s"});
        WebhookQuirks quirks;
        const auto platform = body.word("platform", parse_platform, platform_words);
        quirks.duplicates = static_cast<int>(body.number("duplicates", 0, 10).value_or(0));
        quirks.reorder = body.flag("reorder", false);
        quirks.delay = std::chrono::seconds(static_cast<int>(body.number("delay_s", 0, 604'800).value_or(0)));
        quirks.together = body.flag("together", false);
        quirks.drop = body.flag("drop", false);
        quirks.forge = body.flag("forge", false);
        quirks.deadline = std::chrono::seconds(static_cast<int>(body.number("deadline_s", 1, 60).value_or(5)));
        if (!body.errors().empty()) return problem(422, "the webhooks cannot be set", body.errors());
        house_.webhooks.set_quirks(platform, quirks);
        return http::Response::empty();
    }
    if (request.method != http::Method::get) return problem(405, "webhooks are read with GET and given habits with POST");
    ordered_json items = ordered_json::array();
    for (const auto& one : house_.webhooks.attempts()) {
        items.push_back({{"platform", to_string(one.platform)},
                         {"at", base::to_rfc3339(one.at)},
                         {"url", one.url},
                         {"attempt", one.number},
                         {"status", one.status},
                         {"forged", one.forged},
                         {"body", one.body}});
    }
    const auto due = house_.webhooks.next_due();
    return answer(200, {{"waiting", house_.webhooks.waiting()},
                        {"next_at", due ? ordered_json(base::to_rfc3339(*due)) : ordered_json()},
                        {"items", std::move(items)}});
}

http::Response Control::list_accounts() const
{
    ordered_json items = ordered_json::array();
    for (const auto& account : house_.world.accounts()) {
        items.push_back({{"platform", to_string(account.platform)},
                         {"account", account.account},
                         {"id", account.id},
                         {"name", account.name},
                         {"page", page_path(account)}});
    }
    return answer(200, {{"items", std::move(items)}});
}

} // namespace sportello::simulator
