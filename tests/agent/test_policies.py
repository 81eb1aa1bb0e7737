from agent.policies import Policies, Policy
from knowledge.database import Database


async def test_a_channel_has_the_defaults_until_somebody_sets_its_policy(
    database: Database,
) -> None:
    policies = Policies(database)
    assert await policies.of("T1", "C1") == Policy("T1", "C1")
    wanted = Policy(
        "T1",
        "C1",
        "every",
        follows=False,
        collections=("handbook",),
        least_confidence=0.5,
        expert="U9",
        language="zh",
        daily_budget=20,
        author="U1",
    )
    await policies.save(wanted)
    assert await policies.of("T1", "C1") == wanted
    assert await Policies(database).of("T2", "C1") == Policy("T2", "C1")
    assert await policies.all("T1") == (wanted,)
    await policies.forget("T1", "C1")
    assert await policies.all() == ()
