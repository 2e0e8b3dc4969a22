#pragma once

#include "support/house.hpp"

#include <sportello/api/api.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sportello::test {

using nlohmann::json;

/// Somebody with a session.
struct Person {
    std::int64_t id = 0;
    std::string cookie;
    std::string csrf;
};

/// For those who have one.
inline constexpr const char* password = "correct horse battery";

/// The API as clients see it, over the real engine and a real SQLite file. Every answer is compared with the contract.
class Desk {
public:
    explicit Desk(HouseOptions options = {.automatic_assignment = false}, api::Options api_options = {});

    Person person(domain::Role role, const std::string& login, std::vector<std::string> brands = {}, const std::string& with_password = "");

    /// The same person with a fresh session: the old one ended while time passed.
    void log_in_again(Person& who);

    /// A request by somebody (or nobody) as a browser would send it.
    static http::Request request(http::Method method, const std::string& target, const Person* who = nullptr, const std::string& body = "");
    /// Runs it through the handler, and fails the test if the answer is not in the contract.
    http::Response send(http::Request& request);
    http::Response send(http::Request&& request);

    http::Response get(const std::string& target, const Person& who);
    http::Response post(const std::string& target, const Person& who, const json& body = nullptr, const std::string& key = "");
    http::Response patch(const std::string& target, const Person& who, const json& body, const std::string& if_match = "");
    http::Response put(const std::string& target, const Person& who, const json& body);
    http::Response del(const std::string& target, const Person& who);

    /// A customer's public post on X becomes a ticket. @return its id.
    std::int64_t ticket_from_x(const std::string& author, const std::string& text);
    /// A ticket written straight into the database: for lists of many.
    std::int64_t stored_ticket(const std::string& author, const std::string& text);

    House house;
    std::unique_ptr<api::Api> api;
    http::Handler handler;
};

/// The body of an answer as JSON.
json body_of(const http::Response& response);
/// The person that a successful log-in made.
Person person_of(const http::Response& log_in);
/// The items of a list's page, as a value: a loop over a part of a temporary would outlive it.
json items_of(const http::Response& response);

} // namespace sportello::test
