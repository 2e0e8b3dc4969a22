#include "processor_time.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace sportello::bench {
namespace {

struct ProcessTimes {
    pid_t parent = -1;
    double own = 0;
    double ended_children = 0; ///< those it has waited for
};

/// As /proc/PID/stat has it: fields 4 and 14 to 17, behind a name in brackets that may hold anything.
ProcessTimes times_of(const std::string& process)
{
    std::ifstream file("/proc/" + process + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    ProcessTimes times;
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return times;
    std::istringstream fields(text.substr(name_end + 1));
    std::string skipped;
    fields >> skipped >> times.parent;
    for (int i = 5; i <= 13; ++i) fields >> skipped;
    double user = 0, system = 0, children_user = 0, children_system = 0;
    fields >> user >> system >> children_user >> children_system;
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    times.own = (user + system) / ticks;
    times.ended_children = (children_user + children_system) / ticks;
    return times;
}

} // namespace

double processor_seconds_of(pid_t process)
{
    return times_of(std::to_string(process)).own;
}

double processor_seconds_of_family(pid_t process)
{
    for (;;) {
        const double ended = times_of(std::to_string(process)).ended_children;
        double running = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
            const std::string name = entry.path().filename();
            if (name.find_first_not_of("0123456789") != std::string::npos) continue;
            if (times_of(name).parent == process) running += processor_seconds_of_family(std::stoi(name));
        }
        const ProcessTimes own = times_of(std::to_string(process));
        // One that ended in between was counted neither here nor there.
        if (own.ended_children == ended) return own.own + ended + running;
    }
}

} // namespace sportello::bench
