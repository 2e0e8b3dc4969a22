#include <sportello/base/error.hpp>

#include <stdexcept>

namespace sportello::base {

void throw_exception_from_error(const Error& error, const boost::source_location& where)
{
    throw std::logic_error("result without value at " + where.to_string() + ": " + error.what());
}

} // namespace sportello::base
