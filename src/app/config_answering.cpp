#include "config_answering.hpp"

#include <sportello/base/text.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::app {

using namespace std::chrono_literals;

engine::AnsweringSettings read_answering(TableReader& root)
{
    engine::AnsweringSettings answering;
    const toml::table* table = root.table("answering");
    if (!table) return answering;
    TableReader reader(*table, "answering", root.problems());
    reader.boolean("exclusive", answering.exclusive);
    reader.texts("approval_labels", answering.approval.labels);
    const bool good = std::ranges::all_of(answering.approval.labels, [](const std::string& label) {
        return !label.empty() && base::trim(label) == label && base::count_code_points(label) <= 50;
    });
    if (!good) reader.problem("approval_labels", "expected labels of 1 to 50 characters, without blanks around them");
    reader.boolean("approve_broadcasts", answering.approval.broadcasts);
    reader.duration("keep_drafts", 1h, 24h * 366, answering.keep_drafts);
    reader.end();
    return answering;
}

} // namespace sportello::app
