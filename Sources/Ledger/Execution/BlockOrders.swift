/// What this block's transactions have ordered of work that costs nodes far more than its bytes: at once, or in a later block.
/// Each is bounded by what one block does of it (`Limits`), so that no queue grows faster than it is emptied and nobody waits
/// behind what others ordered.
struct BlockOrders {
    var openings = 0
    var topUps = 0
    var allotmentMoves = 0
    var reports = 0
}
