#include "json_writer.hpp"

#include "support/seeded_random.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace sportello::api {
namespace {

TEST(JsonWriter, WritesWhatAParserReads)
{
    std::string out;
    JsonWriter json(out);
    json.open_object().member("a", 1).member("b", "x").key("c").open_array().value(true).value(nullptr).open_object().close_object();
    json.close_array().member("d", std::optional<std::int64_t>()).member("e", 0.5).close_object();
    EXPECT_EQ(nlohmann::json::parse(out), nlohmann::json::parse(R"({"a":1,"b":"x","c":[true,null,{}],"d":null,"e":0.5})"));
}

TEST(JsonWriter, EveryTextComesBackAsItWas)
{
    std::string every;
    for (char c = 1; c < 0x7f; ++c) every += c;
    for (const std::string& text : {every, std::string("\0", 1), std::string("è 🙂 \u2028"), std::string("\x7f")}) {
        std::string out;
        append_json_string(out, text);
        EXPECT_EQ(nlohmann::json::parse(out).get<std::string>(), text);
    }
}

TEST(JsonWriter, WritesTimesAsBaseDoes)
{
    test::SeededRandom random(11);
    for (int i = 0; i < 5000; ++i) {
        const auto micros = static_cast<std::int64_t>(random.below(4'000'000'000'000'000));
        for (const auto at : {micros, micros / 1000 * 1000, micros / 1'000'000 * 1'000'000}) {
            std::string out;
            append_json_time(out, base::from_micros(at));
            ASSERT_EQ(out, '"' + base::to_rfc3339(base::from_micros(at)) + '"');
        }
    }
}

} // namespace
} // namespace sportello::api
