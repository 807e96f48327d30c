package dev.weir.fair;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Virtual time, step by step: numbers that doubles hold exactly. */
class FairLaneTest {

    private final FairLane lane = new FairLane();

    private void put(String id, long weight, double queued) {
        lane.put(id, new FairMember(weight, lane.virtual() + queued / weight, false, 0, 0, 0));
    }

    private double queued(String id) {
        FairMember member = Objects.requireNonNull(lane.find(id));
        return (member.finish() - lane.virtual()) * member.weight();
    }

    @Test
    void serve_membersOfUnlikeWeights_eachByItsWeight() {
        put("light", 1, 8);
        put("heavy", 3, 12);

        lane.serve(4);

        assertThat(lane.virtual()).isEqualTo(1);
        assertThat(queued("light")).isEqualTo(7);
        assertThat(queued("heavy")).isEqualTo(9);
    }

    @Test
    void finishNext_theFirstToFinish_leavesAndTheOthersGoOn() {
        put("light", 1, 8);
        put("heavy", 3, 12);
        assertThat(lane.needed()).isEqualTo(16);

        lane.finishNext();

        assertThat(lane.find("heavy")).isNull();
        assertThat(lane.weight()).isEqualTo(1);
        assertThat(lane.size()).isEqualTo(1);
        assertThat(queued("light")).isEqualTo(4);
        assertThat(lane.needed()).isEqualTo(4);
    }

    @Test
    void finishNext_overdue_virtualTimeDoesNotGoBack() {
        lane.put("late", new FairMember(1, -5, false, 0, 0, 0));

        lane.finishNext();

        assertThat(lane.virtual()).isZero();
    }

    @Test
    void put_known_replacesItsWeightAndPlace() {
        put("a", 2, 8);
        put("b", 2, 4);

        put("a", 5, 5);

        assertThat(lane.weight()).isEqualTo(7);
        assertThat(lane.size()).isEqualTo(2);
        assertThat(lane.needed()).as("a is first now").isEqualTo(7);
    }

    @Test
    void relieve_someOfWhatIsQueued_andNoMoreThanThat() {
        put("a", 2, 8);
        put("b", 2, 6);
        lane.serve(4);

        lane.relieve("a", 5);
        assertThat(queued("a")).isEqualTo(1);
        assertThat(lane.needed()).as("a is first now").isEqualTo(2);

        lane.relieve("a", 5);
        assertThat(queued("a")).isZero();
        lane.relieve("unknown", 5);
        assertThat(queued("b")).isEqualTo(4);
    }

    @Test
    void average_firstIsTheLatest_laterOnesMoveIt() {
        put("a", 2, 800);
        lane.serve(20);
        lane.average(0, 20, 50, 150);
        assertThat(lane.pace()).isEqualTo(0.5);

        double before = lane.virtual();
        put("b", 2, 800);
        lane.serve(20);
        lane.average(before, 20, 50, 150);

        assertThat(lane.pace()).as("a quarter of the way from 1/2 to 1/4").isEqualTo(0.4375);
    }

    @Test
    void rebase_farAhead_allIsAsBefore() {
        put("a", 1, 100);
        put("b", 3, 60);
        lane.serve(40);

        lane.rebase(40);
        assertThat(lane.virtual()).as("not beyond").isEqualTo(10);

        lane.rebase(39);
        assertThat(lane.virtual()).isZero();
        assertThat(queued("a")).isEqualTo(90);
        assertThat(queued("b")).isEqualTo(30);
        assertThat(lane.needed()).isEqualTo(40);
        lane.finishNext();
        lane.finishNext();
        put("c", 1, 500);
        assertThat(lane.needed()).as("none is left of before").isEqualTo(500);
    }

    @Test
    void rebase_noMember_beginsAnew() {
        put("a", 1, 100);
        lane.finishNext();
        assertThat(lane.virtual()).isEqualTo(100);

        lane.rebase(Double.MAX_VALUE);

        assertThat(lane.virtual()).isZero();
    }

    @Test
    void clear_all_nothingIsKnown() {
        put("a", 2, 100);
        lane.serve(20);
        lane.average(0, 20, 50, 150);

        lane.clear();

        assertThat(lane.size()).isZero();
        assertThat(lane.weight()).isZero();
        assertThat(lane.virtual()).isZero();
        assertThat(lane.pace()).isZero();
        put("b", 1, 700);
        assertThat(lane.needed()).isEqualTo(700);
    }
}
