#include "commands.hpp"
#include "database.hpp"

#include <sportello/engine/office_hours.hpp>
#include <sportello/engine/staffing.hpp>

#include <iostream>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;

/// @return nothing after saying what is wrong.
std::optional<engine::StaffingQuestion> read_question(const PlanWords& words, const Config& config, base::Instant now)
{
    engine::StaffingQuestion question;
    const auto wrong = [](const char* option, const char* expected) {
        std::cerr << "sportello: " << option << ": expected " << expected << "\n";
        return std::nullopt;
    };
    question.brands = words.brands;
    if (question.brands.empty()) {
        for (const auto& brand : config.engine.brands) question.brands.push_back(brand.id);
    }
    if (words.weeks < 1 || words.weeks > 26) return wrong("--weeks", "1 to 26");
    question.until = now;
    question.from = now - std::chrono::days(7) * words.weeks;
    if (words.agents < 0 || words.agents > 100) return wrong("--agents", "1 to 100");
    if (words.agents > 0) question.agents = words.agents;
    question.hours = words.hours;
    question.outage = words.outage;
    if (words.growth < -90 || words.growth > 1000) return wrong("--growth", "-90 to 1000 percent");
    question.growth = words.growth / 100.0;
    if (words.inside < 1 || words.inside > 100) return wrong("--inside", "1 to 100 percent");
    question.inside = words.inside / 100.0;
    if (!words.mean.empty()) {
        const auto mean = base::parse_duration(words.mean);
        if (!mean) return wrong("--mean", "a time like 45m or 1h");
        question.mean = *mean;
    }
    if (!(words.messages >= 0 && words.messages <= 100'000)) return wrong("--assume-messages", "1 to 100000 a day");
    if (words.messages > 0) question.assume_messages = words.messages;
    if (!words.handling.empty()) {
        const auto handling = base::parse_duration(words.handling);
        if (!handling || *handling < 5s || *handling > 4h) return wrong("--assume-handling", "a time like 6m, 5s to 4h");
        question.assume_handling = *handling;
    }
    question.seed = words.seed;
    return question;
}

} // namespace

int plan(const CommandLine& line, const Config& config)
{
    if (!line.words.empty() || (line.json && line.csv)) {
        std::cerr << manual("plan");
        return 2;
    }
    base::SystemClock clock;
    const auto question = read_question(line.plan, config, clock.now());
    if (!question) return 2;
    const auto db = open_database(config, clock, true);
    if (!db) return 1;
    engine::OfficeHours(*db, config.engine, clock).load();
    const auto answer = engine::Staffing(*db, config.engine, clock).answer_now(*question);
    if (!answer) {
        std::cerr << "sportello: " << answer.error().what() << "\n";
        return answer.error().kind() == base::ErrorKind::internal ? 1 : 2;
    }
    std::cout << (line.json ? engine::to_json(*answer) + "\n" : line.csv ? engine::to_csv(*answer) : engine::to_text(*answer));
    return answer->answered ? 0 : 1;
}

} // namespace sportello::app
