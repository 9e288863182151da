// Beast's parts that are not templates, compiled once (BOOST_BEAST_SEPARATE_COMPILATION is set for every
// target).
#include <boost/beast/src.hpp>
