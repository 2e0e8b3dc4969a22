// Random requests over the whole contract, in every role: valid ones as the contract describes them, and spoiled ones. None
// makes the server fail, every answer is in the contract (the desk compares each), and nothing that the contract forbids is
// accepted. SPORTELLO_SEED plays one again, SPORTELLO_RANDOM_REQUESTS makes it longer.
#include "desk.hpp"
#include "schema.hpp"

#include <sportello/base/text.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::contract;
using test::Desk;
using test::json;
using test::Person;
using test::resolve;

class Chance {
public:
    explicit Chance(std::uint64_t seed) : engine_(seed) {}
    std::int64_t number(std::int64_t least, std::int64_t most) { return std::uniform_int_distribution<std::int64_t>(least, most)(engine_); }
    bool one_in(int n) { return number(1, n) == 1; }
    template <class Range> const auto& of(const Range& range)
    {
        return *std::next(range.begin(), number(0, static_cast<std::int64_t>(range.size()) - 1));
    }

private:
    std::mt19937_64 engine_;
};

/// Values as a schema describes them.
class Values {
public:
    explicit Values(Chance& chance) : chance_(chance) {}

    json valid(const json& given, int depth = 0)
    {
        const auto& schema = resolve(given);
        if (schema.contains("const")) return schema.at("const");
        if (schema.contains("enum")) return chance_.of(schema.at("enum"));
        for (const auto* word : {"oneOf", "anyOf"}) {
            if (schema.contains(word)) return valid(chance_.of(schema.at(word)), depth + 1);
        }
        if (schema.contains("properties") || schema.contains("allOf")) return object(schema, depth);
        return of_type(type_of(schema), schema, depth);
    }

    /// The same with one thing in it that is wrong; the caller asks the schema whether it is.
    json spoiled(const json& schema)
    {
        auto value = valid(schema);
        if (!value.is_object() || value.empty() || chance_.one_in(8)) return odd();
        if (chance_.one_in(4)) {
            value["no_such_member"] = odd();
            return value;
        }
        auto at = std::next(value.begin(), chance_.number(0, static_cast<std::int64_t>(value.size()) - 1));
        if (chance_.one_in(4)) value.erase(at);
        else if (at->is_object() && chance_.one_in(2)) (*at)["no_such_member"] = 1;
        else *at = odd();
        return value;
    }

    /// What nobody expects.
    json odd()
    {
        switch (chance_.number(0, 11)) {
        case 0:
            return nullptr;
        case 1:
            return true;
        case 2:
            return -1;
        case 3:
            return 0;
        case 4:
            return INT64_MAX;
        case 5:
            return 1.5;
        case 6:
            return "";
        case 7:
            return std::string(30'000, 'x');
        case 8:
            return "\xE2\x80\xAE '; DROP TABLE ticket; -- <script>";
        case 9:
            return json::array();
        case 10:
            return json::array({nullptr, "x", 1});
        default:
            return json::object({{"a", json::object()}});
        }
    }

private:
    static std::string type_of(const json& schema)
    {
        if (!schema.contains("type")) return "any";
        const auto& type = schema.at("type");
        return type.is_string() ? type.get<std::string>() : type.front().get<std::string>();
    }

    json object(const json& schema, int depth)
    {
        json value = json::object();
        if (schema.contains("allOf")) {
            for (const auto& part : schema.at("allOf")) value.update(valid(part, depth));
        }
        if (!schema.contains("properties")) return value;
        const auto required = schema.value("required", json::array());
        for (const auto& [name, member] : schema.at("properties").items()) {
            const bool must = std::find(required.begin(), required.end(), name) != required.end();
            // A password costs a tenth of a second each.
            if (must || (name != "password" && depth < 4 && chance_.one_in(2))) value[name] = valid(member, depth + 1);
        }
        return value;
    }

    json of_type(const std::string& type, const json& schema, int depth)
    {
        if (type == "null") return nullptr;
        if (type == "boolean") return chance_.one_in(2);
        if (type == "integer") return number(schema);
        if (type == "number") return static_cast<double>(number(schema));
        if (type == "array") {
            json list = json::array();
            const auto least = schema.value("minItems", 0);
            for (auto n = chance_.number(least, least + 2); n > 0; --n) {
                auto item = schema.contains("items") ? valid(schema.at("items"), depth + 1) : json(1);
                const bool twice = std::find(list.begin(), list.end(), item) != list.end();
                if (!twice || !schema.value("uniqueItems", false)) list.push_back(std::move(item));
            }
            return list;
        }
        if (type == "object") {
            json value = json::object();
            if (schema.contains("additionalProperties") && schema.at("additionalProperties").is_object()) {
                value["tim"] = valid(schema.at("additionalProperties"), depth + 1);
            }
            return value;
        }
        return text(schema);
    }

    json number(const json& schema)
    {
        const auto least = schema.contains("minimum") ? schema.at("minimum").get<std::int64_t>() : 0;
        const auto most = schema.contains("maximum") ? schema.at("maximum").get<std::int64_t>() : INT64_MAX;
        // Small numbers are ids that there are.
        return chance_.number(least, std::min(most, chance_.one_in(10) ? most : least + 8));
    }

    json text(const json& schema)
    {
        static const std::vector<std::string> words{"tim",
                                                    "tim-x",
                                                    "tim-facebook",
                                                    "guasto",
                                                    "2026-03-02",
                                                    "09:00-18:00",
                                                    "monday",
                                                    "it",
                                                    "90m",
                                                    "anna",
                                                    "We look into it.",
                                                    "tim/twitter",
                                                    "caff\xC3\xA8 \xF0\x9F\x98\x80",
                                                    "#0a6470",
                                                    "active",
                                                    "me"};
        if (schema.value("format", "") == "date-time") return "2026-03-0" + std::to_string(chance_.number(1, 9)) + "T10:00:00Z";
        if (schema.value("format", "") == "date") return "2026-03-0" + std::to_string(chance_.number(1, 9));
        if (schema.contains("examples") && chance_.one_in(2)) return chance_.of(schema.at("examples"));
        auto text = chance_.of(words);
        const auto most = static_cast<std::size_t>(schema.value("maxLength", 10'000));
        if (base::count_code_points(text) > most) text.resize(most);
        const auto least = static_cast<std::size_t>(schema.value("minLength", 0));
        while (text.size() < least) text += 'x';
        return text;
    }

    Chance& chance_;
};

struct Operation {
    std::string path;
    http::Method method = http::Method::get;
    const json* item = nullptr;
    const json* operation = nullptr;
};

/// All but the hooks, which answer signatures and not schemas.
std::vector<Operation> operations()
{
    std::vector<Operation> all;
    for (const auto& [path, item] : contract().at("paths").items()) {
        for (const auto& [word, operation] : item.items()) {
            if (word == "parameters" || path.starts_with("/hooks/")) continue;
            const auto method = word == "delete" ? http::Method::del
                                : word == "get"  ? http::Method::get
                                : word == "post" ? http::Method::post
                                : word == "put"  ? http::Method::put
                                                 : http::Method::patch;
            all.push_back({path, method, &item, &operation});
        }
    }
    return all;
}

class RandomRequests {
public:
    explicit RandomRequests(std::uint64_t seed) : chance_(seed), values_(chance_)
    {
        for (int n = 0; n < 5; ++n) desk_.stored_ticket("p" + std::to_string(n), "No line");
        desk_.ticket_from_x("mara", "@TIM_Sportello no line in Milano");
        for (const auto role : {domain::Role::phone, domain::Role::agent, domain::Role::supervisor, domain::Role::admin}) renew(role);
    }

    void send_one()
    {
        const auto& [path, method, item, operation] = chance_.of(all_);
        // It plays weeks of the office, which takes a second.
        if (operation->at("operationId") == "report_staffing" && !chance_.one_in(10)) return;
        const auto role = static_cast<domain::Role>(chance_.number(0, 3));
        const bool known = !chance_.one_in(20);
        bool wrong = false;
        auto target = fill(path, *item, *operation);
        target += query(*operation, wrong);
        auto request = Desk::request(method, target, known ? &people_.at(role) : nullptr, body(*operation, wrong));
        if (chance_.one_in(6)) request.headers.add("Idempotency-Key", "k-" + std::to_string(chance_.number(1, 30)));
        if (chance_.one_in(10)) request.headers.add("If-Match", chance_.one_in(2) ? "\"1\"" : "nonsense");
        const auto response = desk_.send(request);
        const auto place = std::string(to_string(method)) + ' ' + target + "\n" + base::shorten(request.body, 2000) + "\n" +
                           std::to_string(response.status) + ' ' + base::shorten(response.body, 1000);
        EXPECT_LT(response.status, 500) << place;
        if (wrong) { EXPECT_GE(response.status, 400) << "accepted what the contract forbids: " << place; }
        if (known) ++sent[role];
        if (known && response.status < 400) ++accepted[role];
        if (response.status == 401 && known) renew(role); // it was another's to end
    }

    /// By role; who is nobody counts for none.
    std::map<domain::Role, std::uint64_t> sent;
    std::map<domain::Role, std::uint64_t> accepted;

private:
    void renew(domain::Role role)
    {
        auto person = desk_.person(role, "person" + std::to_string(++made_));
        person.cookie = "cookie-of-person" + std::to_string(made_);
        people_[role] = person;
    }

    std::string fill(std::string path, const json&, const json&)
    {
        static const std::vector<std::string> odd{"0",   "-1",    "abc",   "9223372036854775807", "99999999999999999999", "%2e%2e",
                                                  "%00", "tim-x", "guasto"};
        for (auto open = path.find('{'); open != std::string::npos; open = path.find('{', open)) {
            const auto close = path.find('}', open);
            path.replace(open, close - open + 1, chance_.one_in(8) ? chance_.of(odd) : std::to_string(chance_.number(1, 8)));
        }
        return path;
    }

    std::string query(const json& operation, bool& wrong)
    {
        http::Parameters parameters;
        for (const auto& one : operation.value("parameters", json::array())) {
            const auto& parameter = resolve(one);
            const auto name = parameter.at("name").get<std::string>();
            if (parameter.at("in") != "query" || name == "wait" || (!parameter.value("required", false) && !chance_.one_in(4))) continue;
            const bool spoil = chance_.one_in(8);
            const auto value = spoil ? odd_word(parameter.at("schema")) : values_.valid(parameter.at("schema"));
            parameters.add(name, value.is_string() ? value.get<std::string>() : value.dump());
            wrong = wrong || (operation.at("x-role") != "public" && !test::violations(parameter.at("schema"), value).empty());
        }
        if (chance_.one_in(12)) {
            parameters.add("no_such_parameter", "1");
            wrong = operation.at("x-role") != "public"; // what everybody may ask takes no notice
        }
        return parameters.empty() ? "" : "?" + parameters.encode();
    }

    /// A word of a query string, read as its schema says.
    json odd_word(const json& given)
    {
        static const std::vector<std::string> words{"abc", "-1", "0", "99999999999999999999", "1.5", "true", "\xE2\x80\xAE", "a,b", "''"};
        const auto word = chance_.of(words);
        const auto type = resolve(given).value("type", json("string"));
        const auto read = type == "string" || !type.is_string() ? json(word) : json::parse(word, nullptr, false);
        return read.is_discarded() || read.is_number_float() ? json(word) : read;
    }

    std::string body(const json& operation, bool& wrong)
    {
        if (!operation.contains("requestBody")) return "";
        const auto& content = resolve(operation.at("requestBody")).at("content");
        if (!content.contains("application/json")) return "";
        const auto& schema = content.at("application/json").at("schema");
        if (chance_.one_in(30)) {
            wrong = true;
            return chance_.one_in(2) ? "{\"a\":" : std::string(100, '[');
        }
        const auto value = chance_.one_in(3) ? values_.spoiled(schema) : values_.valid(schema);
        // What may be left out altogether is told from what is not there by nothing else.
        const bool empty_is_fine = value.is_null() && !resolve(operation.at("requestBody")).value("required", false);
        if (!empty_is_fine && !test::violations(schema, value).empty()) wrong = true;
        return value.dump();
    }

    Chance chance_;
    Values values_;
    Desk desk_;
    std::vector<Operation> all_ = operations();
    std::map<domain::Role, Person> people_;
    int made_ = 0;
};

std::uint64_t number_from(const char* name, std::uint64_t usual)
{
    const char* given = std::getenv(name);
    return given == nullptr ? usual : std::stoull(given);
}

TEST(RandomRequests, BreakNothingAndNothingForbiddenIsAccepted)
{
    const auto seed = number_from("SPORTELLO_SEED", 1);
    const auto many = number_from("SPORTELLO_RANDOM_REQUESTS", 400);
    RandomRequests requests(seed);
    for (std::uint64_t n = 0; n < many && !testing::Test::HasFailure(); ++n) requests.send_one();
    EXPECT_FALSE(testing::Test::HasFailure()) << "SPORTELLO_SEED=" << seed << " plays it again";
    std::uint64_t accepted = 0;
    std::string told;
    for (const auto& [role, count] : requests.sent) {
        accepted += requests.accepted[role];
        told += ", " + std::to_string(count) + " as " + std::string(domain::to_string(role)) + " (" +
                std::to_string(requests.accepted[role]) + " accepted)";
    }
    EXPECT_GT(accepted, many / 10) << "most requests that are refused prove little";
    if (many > 400) std::cout << many << " random requests of seed " << seed << told << "\n";
}

} // namespace
} // namespace sportello
