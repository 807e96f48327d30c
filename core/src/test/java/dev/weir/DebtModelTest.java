package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.DebtModel.Setting;
import dev.weir.DebtModel.Standing;
import dev.weir.DebtModel.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every history of so many steps of a {@link DebtModel} is visited, those that lead to the same once: what instances
 * have admitted alone is known to the store or owed, is charged once and before anything else, and is not left behind.
 */
class DebtModelTest {

    private static final class Search {

        final Setting setting;
        final int longest;
        final Set<Standing> seen = new HashSet<>();
        final Deque<List<Step>> next = new ArrayDeque<>();
        long mostMissing;

        Search(Setting setting, int longest) {
            this.setting = setting;
            this.longest = longest;
        }

        Search run() {
            visit(List.of());
            while (!next.isEmpty()) {
                List<Step> history = next.remove();
                for (Step step : after(history).steps()) {
                    List<Step> longer = new ArrayList<>(history);
                    longer.add(step);
                    visit(longer);
                }
            }
            return this;
        }

        private DebtModel after(List<Step> history) {
            DebtModel model = new DebtModel(setting);
            history.forEach(model::take);
            return model;
        }

        private void visit(List<Step> history) {
            DebtModel model = after(history);
            if (!seen.add(model.standing())) {
                return;
            }
            assertThat(model.wrong()).as("after %s", history).isNull();
            mostMissing = Math.max(mostMissing, model.missing());
            assertThat(model.wrongInTheEnd())
                    .as("in the end, after %s", history)
                    .isNull();
            mostMissing = Math.max(mostMissing, model.missing());
            if (history.size() < longest) {
                next.add(history);
            }
        }
    }

    /** The last setting is one in which a debt is over too soon, because another was charged unseen. */
    @ParameterizedTest
    @CsvSource({"4, 0, 1, 8, 0, 44000", "4, 2, 1, 8, 0, 30000", "4, 4, 1, 9, 0, 29000", "8, 0, 4, 9, 1, 48000"})
    void everyHistory_whatWasAdmittedAloneIsKnownOrOwed(
            long burst, long used, long cost, int longest, long missing, int states) {
        Search search = new Search(new Setting(burst, used, cost), longest).run();

        assertThat(search.seen).hasSizeGreaterThan(states);
        assertThat(search.mostMissing).isEqualTo(missing);
    }
}
