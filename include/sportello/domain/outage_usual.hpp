#pragma once

#include <string_view>

namespace sportello::domain {

/// How many signals of an outage an hour is taken to bring at least, of a service ("": all) in a place ("": all), however
/// little is known of the weeks before: a counter's first weeks are not quiet ones.
[[nodiscard]] double least_usual(std::string_view service, std::string_view place);

} // namespace sportello::domain
