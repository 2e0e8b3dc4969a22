#include "desk.hpp"

#include "schema.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/sessions.hpp>

#include <cstdlib>

namespace sportello::test {
namespace {

void compare_with_contract(const http::Request& request, const http::Response& response)
{
    if (request.route.empty() || response.stream || response.websocket || request.method == http::Method::head) return;
    std::string method(to_string(request.method));
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const auto type = std::string(response.headers.find("Content-Type").value_or(""));
    const auto bare = type.substr(0, type.find(';'));
    const auto place = method + " " + request.route + " " + std::to_string(response.status);
    if (response.body.empty()) {
        EXPECT_TRUE(response.status == 204 || response.status == 304) << place;
        return;
    }
    const auto* schema = answer_schema(method, request.route, response.status, bare);
    ASSERT_NE(schema, nullptr) << place << " with " << bare << " is not in the contract: " << response.body;
    if (bare.starts_with("text/") || bare == "application/octet-stream" || bare.starts_with("image/")) return;
    for (const auto& violation : violations(*schema, json::parse(response.body))) ADD_FAILURE() << place << " " << violation;
}

/// SPORTELLO_EXAMPLES names a file: each success is written there, a line each, for tests/clients/contract/pick_examples.mjs,
/// which makes the contract's examples of them. Errors are written in openapi.yaml by hand: many operations share them.
void record(const http::Request& request, const http::Response& response)
{
    static const char* const file = std::getenv("SPORTELLO_EXAMPLES");
    if (file == nullptr || request.route.empty() || response.status >= 300 || response.stream || response.websocket) return;
    std::string method(to_string(request.method));
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const auto& paths = contract().at("paths");
    if (!paths.contains(request.route) || !paths.at(request.route).contains(method)) return;
    const auto as_json = [](const std::string& text) { return text.empty() ? json() : json::parse(text, nullptr, false); };
    const json line{{"id", paths.at(request.route).at(method).at("operationId")},
                    {"status", response.status},
                    {"request", as_json(request.body)},
                    {"response", as_json(response.body)}};
    std::ofstream(file, std::ios::app) << line.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
}

} // namespace

json body_of(const http::Response& response)
{
    return json::parse(response.body);
}

Person person_of(const http::Response& log_in)
{
    const auto cookie = std::string(log_in.headers.find("Set-Cookie").value_or("="));
    const auto from = cookie.find('=') + 1;
    const auto body = body_of(log_in);
    return {body.at("me").at("id").get<std::int64_t>(), cookie.substr(from, cookie.find(';') - from),
            body.at("csrf_token").get<std::string>()};
}

json items_of(const http::Response& response)
{
    return body_of(response).at("items");
}

Desk::Desk(HouseOptions options, api::Options api_options) : house(options)
{
    api = std::make_unique<api::Api>(house.io->get_executor(), *house.db, *house.engine, house.clock, house.random, std::move(api_options));
    handler = api->handler();
}

Person Desk::person(domain::Role role, const std::string& login, std::vector<std::string> brands, const std::string& with_password)
{
    domain::Agent agent;
    agent.login = login;
    agent.name = "Name of " + login;
    agent.role = role;
    agent.available = true;
    agent.brands = std::move(brands);
    Person made{.id = 0, .cookie = "cookie-of-" + login, .csrf = "csrf-of-" + login};
    const auto hash = with_password.empty() ? std::string() : base::hash_password(with_password);
    const auto now = house.clock.now();
    auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
        const auto id = storage::insert_agent(tx, agent, hash, now);
        if (!id) return id.error();
        made.id = id->value;
        storage::insert_session(tx, {.token_hash = base::sha256_hex(made.cookie),
                                     .agent = *id,
                                     .csrf_token = made.csrf,
                                     .created_at = now,
                                     .last_seen_at = now,
                                     .expires_at = now + 12h});
        return {};
    };
    EXPECT_TRUE(house.db->write_now(unit));
    return made;
}

void Desk::log_in_again(Person& who)
{
    who.cookie += "-again";
    const auto now = house.clock.now();
    auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
        storage::insert_session(tx, {.token_hash = base::sha256_hex(who.cookie),
                                     .agent = domain::AgentId{who.id},
                                     .csrf_token = who.csrf,
                                     .created_at = now,
                                     .last_seen_at = now,
                                     .expires_at = now + 12h});
        return {};
    };
    EXPECT_TRUE(house.db->write_now(unit));
}

http::Request Desk::request(http::Method method, const std::string& target, const Person* who, const std::string& body)
{
    http::Request request;
    request.method = method;
    request.target = target;
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) request.query = http::Parameters::parse(target.substr(mark + 1));
    request.headers.add("Host", "127.0.0.1:8080");
    request.remote_address = "127.0.0.1";
    request.body = body;
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    if (who != nullptr) {
        request.headers.add("Cookie", "sportello=" + who->cookie);
        request.headers.add("X-CSRF-Token", who->csrf);
    }
    return request;
}

http::Response Desk::send(http::Request& request)
{
    std::optional<http::Response> response;
    std::exception_ptr failure;
    boost::asio::co_spawn(*house.io, handler(request), [&](const std::exception_ptr& error, http::Response answer) {
        failure = error;
        response = std::move(answer);
    });
    // Passwords are hashed on a thread of their own: wait for it, not for the clock of the test.
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!response && std::chrono::steady_clock::now() < deadline) {
        house.io->restart();
        house.io->run_one_for(50ms);
    }
    if (failure) std::rethrow_exception(failure);
    if (!response) throw std::runtime_error("no answer to " + request.target);
    compare_with_contract(request, *response);
    record(request, *response);
    return std::move(*response);
}

http::Response Desk::send(http::Request&& request)
{
    return send(request);
}

http::Response Desk::get(const std::string& target, const Person& who)
{
    return send(request(http::Method::get, target, &who));
}

http::Response Desk::post(const std::string& target, const Person& who, const json& body, const std::string& key)
{
    auto made = request(http::Method::post, target, &who, body.is_null() ? "" : body.dump());
    if (!key.empty()) made.headers.add("Idempotency-Key", key);
    return send(made);
}

http::Response Desk::patch(const std::string& target, const Person& who, const json& body, const std::string& if_match)
{
    auto made = request(http::Method::patch, target, &who, body.dump());
    if (!if_match.empty()) made.headers.add("If-Match", if_match);
    return send(made);
}

http::Response Desk::put(const std::string& target, const Person& who, const json& body)
{
    return send(request(http::Method::put, target, &who, body.dump()));
}

http::Response Desk::del(const std::string& target, const Person& who)
{
    return send(request(http::Method::del, target, &who));
}

std::int64_t Desk::ticket_from_x(const std::string& author, const std::string& text)
{
    const auto before = house.count("SELECT count(*) FROM ticket");
    house.customer_writes(House::handle, simulator::Kind::mention, author, text);
    EXPECT_TRUE(house.run(house.engine->poll_once("tim-x")));
    EXPECT_EQ(house.count("SELECT count(*) FROM ticket"), before + 1);
    return house.count("SELECT max(id) FROM ticket");
}

std::int64_t Desk::stored_ticket(const std::string& author, const std::string& text)
{
    const auto now = house.clock.now();
    auto unit = [&](storage::Transaction& tx) -> base::Result<std::int64_t> {
        const auto identity = storage::upsert_identity(tx, domain::Platform::twitter, author, author, author, now);
        domain::Ticket ticket;
        ticket.brand = "tim";
        ticket.channel = "tim-x";
        ticket.platform = domain::Platform::twitter;
        ticket.identity = identity;
        ticket.customer = storage::find_identity(tx, identity)->customer;
        ticket.root_id = "root-" + author;
        ticket.subject = ticket.last_text = text;
        ticket.created_at = ticket.updated_at = ticket.first_inbound_at = ticket.last_inbound_at = ticket.last_at = now;
        ticket.waiting_since = now;
        ticket.due_at = now + 1h;
        ticket.message_count = 1;
        return storage::insert_ticket(tx, ticket, "a test wrote it").value;
    };
    return house.db->write_now(unit).value();
}

} // namespace sportello::test
