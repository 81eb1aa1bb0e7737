"""What people say of answers: votes, hand-overs to experts, and the answers that come of them."""
