#include "api.hpp"

#include "ids.hpp"
#include "problems.hpp"
#include "scopes.hpp"
#include <sportello/base/digest.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cctype>

namespace sportello::connectors::twitter {
namespace {

using State = ChannelTrouble::State;

// Rows of a list: the least that X lets one ask for, and the most.
constexpr std::int64_t least_rows = 10;
constexpr std::int64_t most_rows = 100;

bool equal_handles(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// The same query for at most `rows` rows.
http::Parameters with_rows(const http::Parameters& query, std::int64_t rows)
{
    http::Parameters result;
    for (const auto& [name, value] : query) result.add(name, name == "max_results" ? std::to_string(rows) : value);
    return result;
}

} // namespace

Api::Api(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock, base::Random& random)
    : channel_(settings.id), base_url_(settings.api_base), login_(settings, transport, clock, random), transport_(transport), clock_(clock),
      random_(random), budget_(settings.money), prices_(settings.owned_reads)
{
    expect_limits(budget_);
}

/// Whether the call may be made now. A list is asked for no more rows than there is money for.
domain::Permit Api::permit(const std::string& endpoint, const http::ClientRequest& request, http::Parameters& query,
                           domain::CallUse use) const
{
    const Instant now = clock_.now();
    if (request.method != http::Method::get) {
        return budget_.ask(endpoint, use, Prices::of_a_write(request.method, endpoint, request.body), now);
    }
    const domain::MicroDollars row = prices_.of_a_row(endpoint);
    if (const auto ids = query.find("ids")) return budget_.ask(endpoint, use, prices_.of_ids(endpoint, *ids, now), now);
    const auto left = budget_.left(now);
    if (!left || row == 0 || !query.find("max_results")) return budget_.ask(endpoint, use, row, now);
    const std::int64_t rows = std::clamp(*left / row, least_rows, most_rows);
    query = with_rows(query, rows);
    return budget_.ask(endpoint, use, rows * row, now);
}

void Api::note(const std::string& endpoint, const http::ClientRequest& request, const Answer& answer)
{
    const Instant now = clock_.now();
    learn_limits(budget_, endpoint, answer.headers, now);
    const bool write = request.method != http::Method::get;
    const bool refused = answer.arrived() && answer.status < 500 && !answer.success();
    if (write && !refused) budget_.charge(Prices::of_a_write(request.method, endpoint, request.body), now); // it may have been done
    if (!write && answer.success()) budget_.charge(prices_.of_an_answer(endpoint, answer.json(), now), now);
}

/// @param query  what of the address' query and of a form body is signed
boost::asio::awaitable<Answer> Api::send(std::string path, http::ClientRequest request, http::Parameters query, domain::CallUse use)
{
    const std::string endpoint = endpoint_of(request.method, path);
    const domain::Permit permitted = permit(endpoint, request, query, use);
    if (permitted.at > clock_.now()) co_return held_back(permitted, clock_.now());
    request.url = base_url_ + path;
    const std::string bare_url = request.url;
    if (!query.empty()) request.url += "?" + query.encode();
    request.headers.set("Accept", "application/json");
    const bool reads = request.method == http::Method::get;
    for (bool again = false;; again = true) {
        ChannelTrouble obstacle = co_await login_.ready();
        if (obstacle.state != State::ok) co_return not_asked(std::move(obstacle));
        const std::string used = login_.token();
        http::ClientRequest copy = request;
        copy.headers.set("Authorization", login_.authorization(copy.method, bare_url, query));
        budget_.sent(endpoint, clock_.now());
        http::Exchange exchange = co_await transport_.send(std::move(copy));
        Answer answer = read_answer(std::move(exchange));
        note(endpoint, request, answer);
        if (answer.status != 401 || !login_.stored() || again) co_return answer;
        co_await renew_after(answer, used);
        // Only what reads is asked a second time: a write is never sent twice by us.
        if (!reads || login_.token() == used) co_return answer;
    }
}

/// X refused the token `used`: gets a newer one, and notes in `answer` what came of it.
boost::asio::awaitable<void> Api::renew_after(Answer& answer, std::string used)
{
    const Problem problem = problem_of(answer.json());
    if (problem.code == 32 || problem.code == 135) co_return; // our signature or our clock, not the token
    ChannelTrouble renewed = co_await login_.renew(std::move(used));
    answer.obstacle = std::move(renewed);
    if (answer.obstacle->state == State::ok) {
        answer.obstacle = ChannelTrouble{State::unavailable, "X refused the token; a newer one was obtained, tried again by itself", {}};
    }
}

boost::asio::awaitable<Answer> Api::get(std::string path, http::Parameters query, domain::CallUse use)
{
    http::ClientRequest request;
    co_return co_await send(std::move(path), std::move(request), std::move(query), use);
}

boost::asio::awaitable<Answer> Api::write(http::Method method, std::string path, std::string body, std::chrono::milliseconds deadline)
{
    http::ClientRequest request;
    request.method = method;
    if (!body.empty()) request.headers.set("Content-Type", "application/json");
    request.body = std::move(body);
    request.deadline = deadline;
    request.fresh_connection = true;
    http::Parameters nothing_signed; // a JSON body is not
    co_return co_await send(std::move(path), std::move(request), std::move(nothing_signed), domain::CallUse::answering);
}

boost::asio::awaitable<Answer> Api::upload(std::string path, http::Parameters fields, OutgoingFile file, std::chrono::milliseconds deadline)
{
    const std::string boundary = "sportello-" + random_.token(32); // too long to stand in a file by chance
    http::ClientRequest request;
    request.method = http::Method::post;
    request.headers.set("Content-Type", "multipart/form-data; boundary=" + boundary);
    const auto begin_part = [&](const std::string& name) {
        request.body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"";
    };
    for (const auto& [name, value] : fields) {
        begin_part(name);
        request.body += "\r\n\r\n" + value + "\r\n";
    }
    begin_part("media");
    request.body += "; filename=\"media\"\r\nContent-Type: application/octet-stream\r\n\r\n" + file.bytes + "\r\n--" + boundary + "--\r\n";
    request.deadline = deadline;
    request.fresh_connection = true;
    http::Parameters nothing_signed; // nor are several parts
    co_return co_await send(std::move(path), std::move(request), std::move(nothing_signed), domain::CallUse::answering);
}

boost::asio::awaitable<void> Api::pause(base::Duration how_long)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto timer = clock_.make_timer(executor);
    co_await timer->wait_until(clock_.now() + how_long);
}

std::optional<ChannelAccess> Api::access() const
{
    if (login_.tokens().kind != Tokens::Kind::x_oauth2 || login_.tokens().scope.empty()) return std::nullopt;
    ChannelAccess access;
    access.lacks = lacking_scopes(login_.tokens().scope);
    return access;
}

ChannelTrouble Account::accept(const Json& user)
{
    const std::string id = id_of(member(user, "id"));
    const std::string handle = text_of(member(user, "username"));
    if (!is_id(id)) return {State::unavailable, "X does not say who @" + handle_ + " is; tried again by itself", {}};
    if (!equal_handles(handle, handle_)) {
        return {State::misconfigured,
                "The token belongs to @" + handle + ", the channel to @" + handle_ +
                    ": nothing is read or sent until both name the same account",
                {}};
    }
    id_ = id;
    return {};
}

std::string Api::token_fingerprint() const
{
    return base::sha256_hex("fingerprint of " + login_.token()).substr(0, 16);
}

void Account::remember(const std::string& id, const std::string& fingerprint)
{
    if (id_.empty() && is_id(id) && fingerprint == api_.token_fingerprint()) id_ = id;
}

boost::asio::awaitable<ChannelTrouble> Account::identify()
{
    if (!id_.empty()) co_return ChannelTrouble{};
    http::Parameters query;
    query.add("user.fields", "name,username");
    const Answer answer = co_await api_.get("/users/me", query);
    if (answer.success() && answer.body) co_return accept(member(*answer.body, "data"));
    // A token of the app alone has no "me" but can still read in public; and 75 questions in 15 minutes are soon spent
    // by a server that is restarted again and again, while the handle may be looked up more often.
    if (answer.status == 403 || answer.status == 404 || answer.status == 429) co_return co_await look_up_by_handle();
    co_return trouble_of_read(answer, api_.now());
}

boost::asio::awaitable<ChannelTrouble> Account::look_up_by_handle()
{
    http::Parameters query;
    query.add("user.fields", "name,username");
    const Answer answer = co_await api_.get("/users/by/username/" + http::percent_encode(handle_), query);
    if (!answer.success() || !answer.body) co_return trouble_of_read(answer, api_.now());
    if (!member(*answer.body, "data").is_object()) {
        co_return ChannelTrouble{State::misconfigured, "There is no account @" + handle_ + " on X: " + problem_of(*answer.body).detail, {}};
    }
    co_return accept(member(*answer.body, "data"));
}

void Pace::learn(const Answer& answer, Instant now)
{
    if (answer.status == 429) {
        next_ = trouble_of_read(answer, now).not_before.value_or(now);
        return;
    }
    if (const auto until = spent_until(answer.headers, now)) {
        next_ = *until;
        return;
    }
    const auto limit = number_in(answer.headers, "x-rate-limit-limit");
    const auto remaining = number_in(answer.headers, "x-rate-limit-remaining");
    const auto reset = number_in(answer.headers, "x-rate-limit-reset");
    if (!limit || !remaining || !reset || *remaining > *limit * 4 / 5) return;
    const Instant until = within_an_hour(Instant(std::chrono::seconds(std::clamp<std::int64_t>(*reset, 0, 253'402'300'799))), now);
    const std::int64_t for_reading = *remaining - (*limit + 4) / 5; // the budget keeps a fifth for answers
    next_ = for_reading > 0 ? now + (until - now) / for_reading : until;
}

} // namespace sportello::connectors::twitter
