#include "engine/kl_divergence.h"

namespace penstock::engine {

std::string_view divergence_sample_text() {
  return R"(The river rises in the hills above the town, where three small streams meet below an
old stone bridge. In spring, when the snow melts, it carries enough water to turn the wheels of
every mill in the valley; in August a child can wade across it without wetting its knees. For two
hundred years people argued about who owned the water. Then, in 1907, an engineer from the city
proposed to build a dam.

Her plan was simple. A wall of granite, thirty metres high, would close the narrowest part of the
gorge. Behind it the spring floods would gather and wait. A steel pipe would lead the water down to
a power station, where turbines would drive generators day and night. The farmers would have light
in their barns, the mills would run in summer, and the town would be safe from floods. It would
cost, she wrote, about four million, and pay for itself in eighteen years.

"And what if the wall breaks?" asked the mayor.
"Walls that are watched do not break," said the engineer. "I would measure it every morning, write
down the numbers, and compare them with those of the day before. When something changes that should
not change, we open the gates."

The same advice holds for computers. To find out why a program is slow, measure first: count the
requests, note how long each of them takes, and look at the slowest one in a hundred instead of the
average. A short function can help:

def percentile(values, fraction):
    ordered = sorted(values)
    index = min(int(fraction * len(ordered)), len(ordered) - 1)
    return ordered[index]

Water boils at 100 degrees Celsius at sea level, but at only about 93 degrees in a town that lies
two thousand metres higher, because the pressure of the air is lower there. This is why pasta takes
longer to cook in the mountains. The capital of France is Paris; the largest planet of the solar
system is Jupiter; and seven times eight is fifty-six.

If you would like to visit the dam, take the bus from the railway station. It leaves every hour from
nine in the morning until six in the evening, and the journey takes forty minutes. Tickets can be
bought from the driver. Please do not forget to bring warm clothes, since it is always windy on the
wall.
)";
}

}  // namespace penstock::engine
