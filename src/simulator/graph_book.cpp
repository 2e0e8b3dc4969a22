#include "graph_book.hpp"

#include "graph_failures.hpp"
#include "text_list.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sportello::simulator {
using nlohmann::json;
namespace {

constexpr auto code_life = std::chrono::minutes(10);
const std::string token_prefix = "facebook.token.";
const std::string code_prefix = "facebook.code.";
const std::string page_prefix = "facebook.page.";
const std::string subscription_key = "facebook.subscription";

json to_json(const GraphToken& token)
{
    return {{"kind", static_cast<int>(token.kind)},
            {"user", token.user},
            {"page", token.page},
            {"issued", base::to_micros(token.issued)},
            {"ends", token.ends ? json(base::to_micros(*token.ends)) : json()},
            {"scopes", token.scopes},
            {"pages", token.pages},
            {"dead", token.dead_subcode},
            {"long", token.long_lived}};
}

GraphToken to_token(const json& kept)
{
    GraphToken token;
    token.kind = static_cast<GraphToken::Kind>(kept.at("kind").get<int>());
    token.user = kept.at("user").get<std::string>();
    token.page = kept.at("page").get<std::string>();
    token.issued = base::from_micros(kept.at("issued").get<std::int64_t>());
    if (!kept.at("ends").is_null()) token.ends = base::from_micros(kept["ends"].get<std::int64_t>());
    token.scopes = kept.at("scopes").get<std::set<std::string>>();
    token.pages = kept.at("pages").get<std::set<std::string>>();
    token.dead_subcode = kept.at("dead").get<int>();
    token.long_lived = kept.at("long").get<bool>();
    return token;
}

/// "Tuesday, 21-Jul-26 10:00:00 PDT", as Facebook tells times to people.
std::string pacific(Instant at)
{
    using namespace std::chrono;
    constexpr std::array days{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto local = floor<seconds>(at.time_since_epoch() - hours(7));
    const sys_days day{floor<std::chrono::days>(sys_seconds(local))};
    const year_month_day date{day};
    const hh_mm_ss time{sys_seconds(local) - day};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02u-%s-%02d %02d:%02d:%02d PDT", days[weekday(day).c_encoding()],
                  static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()) % 100,
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text.data();
}

} // namespace

const std::vector<std::string>& graph_permissions()
{
    static const std::vector<std::string> all{"pages_show_list",         "pages_read_engagement", "pages_read_user_content",
                                              "pages_manage_engagement", "pages_manage_posts",    "pages_manage_metadata",
                                              "pages_messaging",         "business_management",   "public_profile"};
    return all;
}

std::optional<GraphToken> GraphBook::find(const std::string& token) const
{
    if (const auto kept = world_.kept(token_prefix + token); !kept.empty()) return to_token(json::parse(kept));
    GraphToken known;
    known.scopes = {graph_permissions().begin(), graph_permissions().end()};
    known.long_lived = true;
    if (token == std::string(graph_app_id) + "|" + std::string(app_secret)) {
        known.kind = GraphToken::Kind::app;
        return known;
    }
    known.user = graph_person_id;
    if (token == "sim-facebook-user") return known;
    if (token == "sim-facebook-system") {
        known.kind = GraphToken::Kind::system_user;
        known.user = graph_system_user_id;
        return known;
    }
    for (const auto& account : world_.accounts()) {
        if (account.platform != Platform::facebook || access_token(account) != token) continue;
        known.kind = GraphToken::Kind::page;
        known.page = account.id;
        if (!account.token_valid) known.dead_subcode = 460;
        return known;
    }
    return std::nullopt;
}

void GraphBook::require_live(const GraphToken& token) const
{
    const auto now = clock_.now();
    if (token.ends && now >= *token.ends) {
        throw bad_token("Error validating access token: Session has expired on " + pacific(*token.ends) + ". The current time is " +
                            pacific(now) + ".",
                        463);
    }
    if (token.dead_subcode != 0) throw graph_failure(190, token.dead_subcode);
}

std::string GraphBook::issue(const GraphToken& token)
{
    const auto text = "EAASIM" + random_.token(45);
    put(text, token);
    return text;
}

void GraphBook::put(const std::string& token, const GraphToken& what)
{
    world_.keep(token_prefix + token, to_json(what).dump());
}

void GraphBook::forget(const std::string& token)
{
    if (!world_.kept(token_prefix + token).empty()) world_.keep(token_prefix + token, "");
}

void GraphBook::revoke_all_of(const std::string& user, int subcode)
{
    const auto all = world_.all_kept();
    for (auto kept = all.lower_bound(token_prefix); kept != all.end() && kept->first.starts_with(token_prefix); ++kept) {
        auto token = to_token(json::parse(kept->second));
        if (token.user != user || token.dead_subcode != 0) continue;
        token.dead_subcode = subcode;
        world_.keep(kept->first, to_json(token).dump());
    }
}

std::string GraphBook::page_token(const std::string& user_token, const Account& page)
{
    const auto granted = find(user_token);
    const auto own = access_token(page);
    // Whoever was never set up finds the Page's token that needs none, while it holds.
    if (user_token.starts_with("sim-facebook-") && page.token_valid && world_.kept(token_prefix + own).empty()) return own;
    const auto key = page_prefix + page.id + ".token." + user_token;
    if (const auto issued = world_.kept(key); !issued.empty()) {
        const auto token = find(issued);
        if (token && token->dead_subcode == 0) return issued;
    }
    GraphToken token;
    if (granted) token = *granted;
    token.kind = GraphToken::Kind::page;
    token.page = page.id;
    token.issued = clock_.now();
    if (token.long_lived) token.ends.reset();
    token.dead_subcode = 0;
    const auto issued = issue(token);
    world_.keep(key, issued);
    return issued;
}

std::string GraphBook::issue_code(const Grant& grant)
{
    const auto code = "AQ" + random_.token(60);
    const json kept{{"redirect_uri", grant.redirect_uri},
                    {"scopes", grant.scopes},
                    {"pages", grant.pages},
                    {"ends", base::to_micros(clock_.now() + code_life)}};
    world_.keep(code_prefix + code, kept.dump());
    return code;
}

GraphBook::Grant GraphBook::take_code(const std::string& code, const std::string& redirect_uri)
{
    const auto text = world_.kept(code_prefix + code);
    if (text.empty()) throw GraphFailure{400, 100, "Invalid verification code format."};
    const auto kept = json::parse(text);
    if (kept.contains("used")) throw GraphFailure{400, 100, "This authorization code has been used.", 36009};
    if (base::to_micros(clock_.now()) > kept.at("ends").get<std::int64_t>()) {
        throw GraphFailure{400, 100, "This authorization code has expired.", 36007};
    }
    if (kept.at("redirect_uri") != redirect_uri) {
        throw GraphFailure{400, 100,
                           "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the "
                           "OAuth dialog request",
                           36008};
    }
    world_.keep(code_prefix + code, R"({"used":true})");
    return {redirect_uri, kept.at("scopes").get<std::set<std::string>>(), kept.at("pages").get<std::set<std::string>>()};
}

std::optional<GraphBook::Subscription> GraphBook::subscription() const
{
    const auto text = world_.kept(subscription_key);
    if (text.empty()) return std::nullopt;
    const auto kept = json::parse(text);
    return Subscription{kept.at("callback_url").get<std::string>(), kept.at("verify_token").get<std::string>(),
                        kept.at("fields").get<std::set<std::string>>()};
}

void GraphBook::set_subscription(const std::optional<Subscription>& subscription)
{
    if (!subscription) {
        world_.keep(subscription_key, "");
        return;
    }
    const json kept{
        {"callback_url", subscription->callback_url}, {"verify_token", subscription->verify_token}, {"fields", subscription->fields}};
    world_.keep(subscription_key, kept.dump());
}

std::set<std::string> GraphBook::page_fields(const std::string& page) const
{
    const auto kept = split_list(world_.kept(page_prefix + page + ".fields"));
    return {kept.begin(), kept.end()};
}

void GraphBook::set_page_fields(const std::string& page, const std::set<std::string>& fields)
{
    std::string list;
    for (const auto& field : fields) list += (list.empty() ? "" : ",") + field;
    world_.keep(page_prefix + page + ".fields", list);
}

} // namespace sportello::simulator
